/** The heap of deadlines against a sorted list. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Deadlines } from '../../../kv/deadlines.ts';

describe('deadlines', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
  );

  it('come in their order, those of one moment in that of their keys, whatever is taken out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const deadlines = new Deadlines<number>();
        const model: { key: number; deadline: number; number: number }[] = [];
        const first = () => model.reduce((a, b) => (isBefore(b, a) ? b : a), none);
        steps.forEach((what, at) => {
          if ('add' in what) {
            const [key, deadline] = [(at * 7919) % 1009, what.add];
            const number = deadlines.add(key, deadline);
            expect(
              model.some((each) => each.number === number),
              'a number of its own',
            ).to.equal(false);
            model.push({ key, deadline, number });
          } else {
            const [due] = model.splice(what.remove % (model.length || 1), 1);
            if (due) deadlines.remove(due.number);
          }
          expect([deadlines.first, deadlines.firstKey]).to.deep.equal([first().deadline, first().key]);
          expect(deadlines.size).to.equal(model.length);
        });
        while (model.length > 0) {
          const due = first();
          expect([deadlines.first, deadlines.firstKey]).to.deep.equal([due.deadline, due.key]);
          deadlines.remove(due.number);
          model.splice(model.indexOf(due), 1);
        }
        expect([deadlines.first, deadlines.firstKey]).to.deep.equal([none.deadline, undefined]);
      }),
    );
  });

  const none = { key: undefined as unknown as number, deadline: Number.POSITIVE_INFINITY, number: 0 };

  function isBefore(a: typeof none, b: typeof none): boolean {
    return a.deadline < b.deadline || (a.deadline === b.deadline && a.key < b.key);
  }
});
