/** Whatever an actor holds is shown as plain data of bounded size. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { raftMachine } from '../../../machines/raft.ts';
import { plainView } from '../../../runtime/observation/plainView.ts';

/** Characters of the longest view as JSON; escapes may take six for one. */
const lengthMax = 200_000;

describe('a plain view', () => {
  it('goes through JSON unchanged, whatever it is of', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          const view = plainView(value) ?? null;
          // A replacer sees all that JSON.stringify would leave out or write otherwise.
          const text = JSON.stringify(view, (_, one: unknown) => {
            expect(['undefined', 'function', 'symbol', 'bigint']).not.to.contain(typeof one);
            if (typeof one === 'number') expect(one).to.satisfy(Number.isFinite);
            return one;
          });
          expect(text.length).to.be.below(lengthMax);
        },
      ),
      { seed: 7 },
    );
  });

  it('names what is no data', () => {
    const view = plainView({
      bytes: new Uint8Array(5),
      stream: new Subject(),
      machine: raftMachine,
      error: new RangeError('too far'),
      never: Number.POSITIVE_INFINITY,
      large: 12n,
      map: new Map([['a', new Set([1])]]),
      method: () => {},
    });
    expect(view).to.deep.equal({
      bytes: '<5 bytes>',
      stream: '<Subject>',
      machine: '<machine raft>',
      error: { name: 'RangeError', message: 'too far' },
      never: 'Infinity',
      large: '12',
      map: { a: [1] },
    });
  });

  it('ends where there is too much', () => {
    const circle: Record<string, unknown> = {};
    circle.again = circle;
    const wide = Array.from({ length: 1000 }, () =>
      Array.from({ length: 1000 }, () => '\u0001'.repeat(1000)),
    );
    const fields = Object.fromEntries(wide.map((_, i) => [`key ${i}`, '"'.repeat(1e6)]));
    for (const much of [circle, wide, fields, new Map(Object.entries(fields)), 'x'.repeat(1e7)]) {
      expect(JSON.stringify(plainView(much)).length).to.be.below(lengthMax);
    }
    expect(plainView(Array.from({ length: 102 }, (_, i) => i))).to.have.property('100', '… 2 more');
  });
});
