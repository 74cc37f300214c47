/** The heap of deadlines against a sorted list. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Deadlines, type Due } from '../../../kv/deadlines.ts';

describe('deadlines', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 9 }) }) },
    { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
  );

  it('come in their order, those of one moment in that of their keys, whatever is taken out', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const deadlines = new Deadlines<number>();
        const model: Due<number>[] = [];
        steps.forEach((what, at) => {
          if ('add' in what) model.push(deadlines.add((at * 7919) % 1009, what.add));
          else {
            const [due] = model.splice(what.remove % (model.length || 1), 1);
            if (due) deadlines.remove(due);
          }
          const least = model.reduce<Due<number> | undefined>(
            (a, b) => (a && isBefore(a, b) ? a : b),
            undefined,
          );
          expect(deadlines.first).to.equal(least);
          expect(deadlines.size).to.equal(model.length);
        });
        const order: Due<number>[] = [];
        for (let { first } = deadlines; first; first = deadlines.first) {
          order.push(first);
          deadlines.remove(first);
        }
        expect(order).to.deep.equal([...model].sort((a, b) => (isBefore(a, b) ? -1 : 1)));
      }),
    );
  });

  function isBefore(a: Due<number>, b: Due<number>): boolean {
    return a.deadline < b.deadline || (a.deadline === b.deadline && a.key < b.key);
  }
});
