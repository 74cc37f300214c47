/** The configurations that a search remembers: told apart exactly, also where their hashes are the same. */
import { expect } from 'chai';
import { ConfigurationCache } from '../../../runtime/linearizability/configurationCache.ts';
import { OperationSet } from '../../../runtime/linearizability/operationSet.ts';

const returned = 100;

function setOf(...operations: readonly number[]): OperationSet {
  const set = new OperationSet(returned, 40);
  for (const operation of operations) set.add(operation);
  return set;
}

/** Operations from 1 on that leave the hash of a set as it was: among more than 32 there are some. */
function withoutTrace(): number[] {
  const basis = new Map<number, { hash: number; of: number[] }>();
  for (let operation = 1; operation < 60; operation += 1) {
    let { hash } = setOf(operation);
    let of = [operation];
    while (hash !== 0) {
      const first = Math.clz32(hash);
      const known = basis.get(first);
      if (!known) {
        basis.set(first, { hash, of });
        break;
      }
      hash ^= known.hash;
      of = [...of, ...known.of];
    }
    if (hash === 0) return of.filter((one) => of.filter((other) => other === one).length % 2 === 1);
  }
  throw new Error('There is no such set.');
}

describe('the set of operations that have taken effect', () => {
  it('knows where it is full and where it is empty, however it came about', () => {
    const set = setOf(...Array.from({ length: 70 }, (_, i) => i));
    expect([set.low, set.high]).to.deep.equal([2, 3]);
    set.delete(5);
    expect([set.low, set.high]).to.deep.equal([0, 3]);
    for (let i = 64; i < 70; i += 1) set.delete(i);
    expect([set.low, set.high]).to.deep.equal([0, 2]);
    set.add(5);
    expect([set.low, set.high]).to.deep.equal([2, 2]);
    expect(set.hash).to.equal(setOf(...Array.from({ length: 64 }, (_, i) => 63 - i)).hash);
  });
});

describe('the cache of configurations', () => {
  it('knows a configuration again, by its operations and its state', () => {
    const cache = new ConfigurationCache();
    expect(cache.add(setOf(1, 2), 7)).to.equal(true);
    expect(cache.add(setOf(2, 1), 7)).to.equal(false);
    expect(cache.add(setOf(1, 2), 8)).to.equal(true);
    expect(cache.add(setOf(1), 7)).to.equal(true);
  });

  it('tells sets of the same hash apart', () => {
    const [one, other] = [setOf(70), setOf(70, ...withoutTrace())];
    expect([one.hash, one.low, one.high]).to.deep.equal([other.hash, other.low, other.high]);
    const cache = new ConfigurationCache();
    expect(cache.add(one, 0)).to.equal(true);
    expect(cache.add(other, 0)).to.equal(true);
    expect(cache.add(one, 0)).to.equal(false);
    expect(cache.add(other, 0)).to.equal(false);
  });

  it('needs no configuration in which more of what never returned has taken effect', () => {
    const cache = new ConfigurationCache();
    expect(cache.add(setOf(1, returned + 35), 0)).to.equal(true);
    expect(cache.add(setOf(1, returned + 35, returned + 2), 0)).to.equal(false);
    expect(cache.add(setOf(1, returned + 2), 0)).to.equal(true);
    expect(cache.add(setOf(1), 0)).to.equal(true);
    expect(cache.add(setOf(1, returned + 7), 0)).to.equal(false);
  });

  it('remembers all of many', () => {
    const cache = new ConfigurationCache();
    const all = Array.from({ length: 5000 }, (_, i) => ({ set: setOf(i % 100, (i * 7) % 93), state: i }));
    for (const { set, state } of all) expect(cache.add(set, state)).to.equal(true);
    for (const { set, state } of all) expect(cache.add(set, state)).to.equal(false);
    expect(cache.bytes).to.be.above(5000 * 16);
  });
});
