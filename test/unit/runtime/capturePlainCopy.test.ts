/** What an actor remembers, as plain data and back. */
import { expect } from 'chai';
import { copyIn, copyOut, NotCapturable, OwnedObjects } from '../../../runtime/image/plainCopy.ts';
import { MemoryStagedSnapshot } from '../../../runtime/storage/memorySnapshot.ts';

const nothing = new OwnedObjects({});
const there = (value: unknown, owned = nothing) => copyOut(value, owned, 'The value');

describe('copyOut and copyIn', () => {
  it('give back what is plain, numbers that JSON does not know included', () => {
    const plain = {
      ...{ never: Number.NEGATIVE_INFINITY, none: undefined, nil: null, text: 'a', flag: true },
      ...{ list: [1, [2, { three: 3 }]], bytes: new Uint8Array([1, 2, 3]) },
    };
    expect(copyIn(structuredClone(there(plain)), nothing)).to.deep.equal(plain);
  });

  it('share no memory on either way', () => {
    const plain = { list: [{ n: 1 }], bytes: new Uint8Array([1]) };
    const image = there(plain) as typeof plain; // the same fields
    const back = copyIn(image, nothing) as typeof plain; // likewise
    for (const [one, other] of [
      [plain, image],
      [image, back],
    ] as const) {
      expect(one.list).not.to.equal(other.list);
      expect(one.list[0]).not.to.equal(other.list[0]);
      expect(one.bytes.buffer).not.to.equal(other.bytes.buffer);
    }
  });

  it('copy of a view what it shows, and not the memory behind it', () => {
    const view = new Uint8Array(1000).subarray(10, 12);
    expect((there(view) as Uint8Array).buffer.byteLength).to.equal(2); // bytes stay bytes
  });

  it('put in the place of an owned object that of the new owner', () => {
    const [old, young] = [new Map(), new Map()];
    const image = structuredClone(there({ log: [old] }, new OwnedObjects({ log: old })));
    const back = copyIn(image, new OwnedObjects({ log: young })) as { log: unknown[] }; // the same field
    expect(back.log[0]).to.equal(young);
    expect(() => copyIn(image, nothing)).to.throw(NotCapturable, 'The image speaks of log');
  });

  it('carry a staged snapshot and an error by what they hold', async () => {
    const staged = new MemoryStagedSnapshot({ index: 3, term: 2 });
    await staged.add(new Uint8Array([1, 2]));
    await staged.add(new Uint8Array([3]));
    const error = Object.assign(new Error('the disk is full'), { name: 'DiskFull' });
    const [copy, copiedError] = copyIn(structuredClone(there([staged, error])), nothing) as [
      MemoryStagedSnapshot, // the same two
      Error,
    ];
    expect(copy).to.be.instanceOf(MemoryStagedSnapshot);
    expect(copy).to.include({ index: 3, term: 2, size: 3 });
    expect(copy.bytes()).to.deep.equal(new Uint8Array([1, 2, 3]));
    expect(copiedError)
      .to.be.instanceOf(Error)
      .that.includes({ name: 'DiskFull', message: 'the disk is full' });
  });

  it('refuse what cannot be data, by its place', () => {
    expect(() => there({ a: [0, () => {}] })).to.throw(NotCapturable, 'The value.a[1] is a function');
    expect(() => there({ at: new Date(0) })).to.throw(NotCapturable, 'The value.at is a Date');
    expect(() => there({ $mark: 'owned' })).to.throw(NotCapturable, 'The value has a field $mark');
  });
});
