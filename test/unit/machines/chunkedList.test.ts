/** A list in chunks, against an array. */
import { expect } from 'chai';
import fc from 'fast-check';
import { ChunkedList } from '../../../machines/chunkedList.ts';

describe('a list in chunks', () => {
  it('holds what an array would, however it grows, is truncated and dropped from its beginning', () => {
    const step = fc.record({
      what: fc.constantFrom('push', 'push', 'truncate', 'dropFirst'),
      // Often beyond a chunk, which holds 4096, and now and then beyond the end.
      count: fc.oneof(fc.nat(3), fc.nat(10_000), fc.constantFrom(4095, 4096, 4097)),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const list = new ChunkedList<number>();
        let array: number[] = [];
        let next = 0;
        for (const { what, count } of steps) {
          if (what === 'push') {
            for (let i = 0; i < count; i += 1) {
              list.push(next);
              array.push(next);
              next += 1;
            }
          } else if (what === 'truncate') {
            list.truncate(count);
            array = array.slice(0, count);
          } else {
            list.dropFirst(count);
            array = array.slice(count);
          }
          expect(list.length).to.equal(array.length);
          const around = [-1, 0, 1, 4095, 4096, array.length - 1, array.length];
          expect(around.map((place) => list.at(place))).to.deep.equal(around.map((place) => array[place]));
        }
        expect(array.map((_, place) => list.at(place))).to.deep.equal(array);
      }),
      { numRuns: 100 },
    );
  });
});
