/** The store against a map: whatever is written, overwritten and deleted, moved together and looked at meanwhile. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Item } from '../../../kv/store/item.ts';
import { Store } from '../../../kv/store/store.ts';

const plain = { version: 1, deadline: undefined, due: 0 };
const bytes = (text: string) => Buffer.from(text, 'latin1');
const textOf = (value: Uint8Array) => Buffer.from(value).toString('latin1');
const textIn = (item: Item | undefined) => item && textOf(item.value);

function buckets(store: Store): { readonly place: number; readonly keys: readonly string[] }[] {
  const found: { readonly place: number; readonly keys: readonly string[] }[] = [];
  for (let at = store.bucketFrom(0); at; at = store.bucketFrom(at.place + 1)) found.push(at);
  return found;
}

describe('the store', () => {
  it('holds what a map would, and a view what it held', () => {
    const key = fc.integer({ min: 0, max: 60 }).map((n) => '\u00ff'.repeat(n % 4) + 'k'.repeat(n % 30) + n);
    // Short ones share pages, long ones have their own.
    const size = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 5000 }) },
      fc.constant(40_000),
      fc.constant(300_000),
    );
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ set: key, size }) },
      { weight: 3, arbitrary: fc.record({ delete: key }) },
      { weight: 1, arbitrary: fc.record({ view: fc.integer({ min: 1, max: 100 }) }) },
      { weight: 1, arbitrary: fc.constant({ clear: true }) },
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 800 }), (steps) => {
        const store = new Store();
        const model = new Map<string, { value: string; version: number; deadline: number | undefined }>();
        let reading: { take: () => void; left: number; finish: () => void } | undefined;
        steps.forEach((what, at) => {
          if ('set' in what) {
            const value = String.fromCharCode(at % 256).repeat(what.size);
            const fields = { version: 2 ** 40 + at, deadline: at % 3 ? at : undefined };
            store.set(what.set, bytes(value), { ...fields, due: at });
            model.set(what.set, { value, ...fields });
          } else if ('delete' in what) expect(store.delete(what.delete)).to.equal(model.delete(what.delete));
          else if ('clear' in what) {
            store.clear();
            model.clear();
            reading = undefined;
          } else if (!reading) {
            const view = store.openView();
            const then = new Map([...model].map(([name, { value }]) => [name, value]));
            const items = view.items[Symbol.iterator]();
            const seen = new Map<string, string>();
            const take = () => {
              const { value: item } = items.next();
              if (item) seen.set(item.key, textOf(item.value));
            };
            const finish = () => {
              while (seen.size < then.size) take();
              expect(items.next().done).to.equal(true);
              expect(seen).to.deep.equal(then);
              view.close();
            };
            reading = { take, finish, left: what.view };
          }
          if (reading) {
            reading.take();
            reading.left -= 1;
            if (reading.left === 0) {
              reading.finish();
              reading = undefined;
            }
          }
          expect(store.size).to.equal(model.size);
        });
        for (const [name, { value, version, deadline }] of model) {
          const item = store.get(name);
          expect([item?.key, item?.version, item?.deadline]).to.deep.equal([name, version, deadline]);
          expect(textIn(item) === value, `the value of ${name}`).to.equal(true);
        }
        expect(buckets(store).flatMap(({ keys }) => keys)).to.have.members([...model.keys()]);
      }),
      { numRuns: 60 },
    );
  });

  it('shows one truth while a view is open', () => {
    const store = new Store();
    store.set('a', bytes('1'), plain);
    store.set('b', bytes('2'), plain);
    const view = store.openView();
    expect(() => store.openView()).to.throw('open already');
    store.delete('a');
    store.set('b', bytes('changed'), plain);
    store.set('c', bytes('3'), plain);
    const now = () => [store.size, textIn(store.get('a')), textIn(store.get('b'))];
    expect(now()).to.deep.equal([2, undefined, 'changed']);
    expect([...view.items].map((item) => [item.key, textIn(item)]).sort()).to.deep.equal([
      ['a', '1'],
      ['b', '2'],
    ]);
    view.close();
    expect(now()).to.deep.equal([2, undefined, 'changed']);
    expect(store.delete('a')).to.equal(false);
  });

  it('takes little more memory than what it holds, however often that is overwritten', () => {
    const store = new Store();
    const [keys, valueBytes] = [20_000, 100];
    const held = keys * (24 + 'k00000'.length + valueBytes);
    let largest = 0;
    for (let write = 0; write < 15 * keys; write += 1) {
      const name = `k${String((write * 7919) % keys).padStart(5, '0')}`;
      store.set(name, Buffer.alloc(valueBytes, write % 251), { ...plain, version: write });
      largest = Math.max(largest, store.byteLength);
    }
    expect(store.byteLength).to.be.above(held);
    expect(largest).to.be.below(1.3 * held + 1_000_000);
    for (let at = 0; at < keys; at += 1) {
      const write = 14 * keys + at;
      const item = store.get(`k${String((write * 7919) % keys).padStart(5, '0')}`);
      expect([item?.version, item?.value[99]]).to.deep.equal([write, write % 251]);
    }
    for (const { keys: there } of buckets(store)) for (const key of there) store.delete(key);
    expect(store.size).to.equal(0);
    expect(store.byteLength, 'when all is deleted').to.be.below(600_000);
  });

  it('gives back a long value at once, and an item shows it still', () => {
    const store = new Store();
    store.set('long', Buffer.alloc(1_000_000, 1), plain);
    const item = store.get('long');
    store.set('long', Buffer.alloc(2_000_000, 2), plain);
    expect(store.byteLength).to.be.within(2_000_000, 2_001_000);
    store.delete('long');
    expect(store.byteLength).to.equal(0);
    expect([item?.valueBytes, item?.value[999_999]]).to.deep.equal([1_000_000, 1]);
  });
});

describe('the order of keys', () => {
  it('is the same whatever the order in which they came', () => {
    const names = Array.from({ length: 2000 }, (_, i) => `k${i}`);
    const [forwards, backwards] = [names, names.toReversed()].map((all) => {
      const store = new Store();
      for (const key of all) store.set(key, bytes(''), plain);
      return buckets(store);
    });
    expect(forwards?.some(({ keys }) => keys.length > 1)).to.equal(true);
    expect(forwards).to.deep.equal(backwards);
  });

  it('gives a key the same place, however many others there are', () => {
    const store = new Store();
    const placesOf = () =>
      new Map(buckets(store).flatMap(({ place, keys }) => keys.map((key) => [key, place])));
    for (let i = 0; i < 100; i += 1) store.set(`k${i}`, bytes(''), plain);
    const few = placesOf();
    for (let i = 100; i < 300_000; i += 1) store.set(`k${i}`, bytes(''), plain);
    const many = placesOf();
    expect(many.size).to.equal(300_000);
    for (const [key, place] of few) expect(many.get(key)).to.equal(place);
  });

  it('spreads names that are alike over its places', () => {
    const store = new Store();
    for (let i = 0; i < 65_536; i += 1) store.set(`user:${i}`, bytes(''), plain);
    const sizes = buckets(store).map(({ keys }) => keys.length);
    expect(Math.max(...sizes)).to.be.below(12);
    expect(sizes.length, 'as many as by chance').to.be.within(39_000, 44_000);
  });
});
