/** The log against a plain array, under any sequence of what a node does to it. */
import { expect } from 'chai';
import fc from 'fast-check';
import { EntryKind, entryOffsets, MalformedEntries, readEntry } from '../../../machines/entry.ts';
import { Log } from '../../../machines/log.ts';

const empty = { snapshot: { index: 0, term: 0 }, entries: [] };

interface Plain {
  readonly term: number;
  readonly payload: string;
}

const text = new TextDecoder();
const bytesOf = new TextEncoder();

function fill(log: Log, entries: readonly Plain[]): void {
  for (const { term, payload } of entries) log.append(term, EntryKind.command, 0, bytesOf.encode(payload));
}

function read(log: Log): Plain[] {
  const entries: Plain[] = [];
  for (let index = log.firstIndex; index <= log.lastIndex; index += 1) {
    const entry = log.entryAt(index);
    expect(entry?.index).to.equal(index);
    if (entry) entries.push({ term: entry.term, payload: text.decode(entry.payload) });
  }
  return entries;
}

const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), rise: fc.nat(2), size: fc.nat(40_000) }),
  fc.record({ do: fc.constant('truncate' as const), at: fc.nat(30) }),
  fc.record({ do: fc.constant('compact' as const), at: fc.nat(30) }),
  fc.record({ do: fc.constant('receive' as const), count: fc.nat(5), copies: fc.boolean() }),
);

describe('log', () => {
  it('agrees with a plain array whatever is done to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const log = new Log(empty);
        let model: Plain[] = [];
        let gone = 0;
        let term = 1;
        for (const action of steps) {
          if (action.do === 'append') {
            term += action.rise;
            const plain = { term, payload: `${model.length}`.padEnd(action.size, '.') };
            fill(log, [plain]);
            model.push(plain);
          } else if (action.do === 'truncate') {
            const index = Math.max(log.commitIndex + 1, gone + action.at);
            log.truncateFrom(index);
            model = model.slice(0, Math.max(0, index - 1 - gone));
          } else if (action.do === 'compact' && model.length > 0) {
            const index = gone + 1 + (action.at % model.length);
            log.compactTo({ index, term: log.termAt(index) ?? 0 });
            model = model.slice(index - gone);
            gone = index;
          } else if (action.do === 'receive') {
            const other = new Log({ snapshot: { index: log.lastIndex, term: log.lastTerm }, entries: [] });
            const plain = Array.from({ length: action.count }, (_, i) => ({
              term,
              payload: `received ${i}`,
            }));
            fill(other, plain);
            const block = other.slice(other.firstIndex, Number.POSITIVE_INFINITY);
            if (block.count > 0 && action.copies) {
              log.appendCopy(block);
              block.bytes.fill(0);
            } else if (block.count > 0) log.appendBlock(block);
            model.push(...plain);
          }
          expect(log.lastIndex).to.equal(gone + model.length);
        }
        expect(read(log)).to.deep.equal(model);
        const all = log.slice(log.firstIndex, Number.POSITIVE_INFINITY);
        expect(all.bytes.byteLength).to.equal(log.byteLength);
        expect(
          entryOffsets(all.bytes, log.firstIndex).map((at) => readEntry(all.bytes, at).term),
        ).to.deep.equal(model.map((plain) => plain.term));
        expect(read(Log.fromImage(structuredClone(log.image())))).to.deep.equal(model);
      }),
    );
  });

  it('slices at most the bytes asked for, but at least one entry', () => {
    const log = new Log(empty);
    fill(
      log,
      Array.from({ length: 10 }, () => ({ term: 1, payload: 'x'.repeat(76) })),
    );
    expect(log.slice(1, 250)).to.include({ firstIndex: 1, count: 2 });
    expect(log.slice(4, 1)).to.include({ firstIndex: 4, count: 1 });
    expect(log.slice(4, 1e9, 6)).to.include({ firstIndex: 4, count: 3 });
    expect(log.slice(11, 1e9)).to.include({ firstIndex: 11, count: 0 });
  });

  it('gives views of the stretches of memory that entries lie in', () => {
    const log = new Log(empty);
    fill(log, [
      { term: 1, payload: 'a' },
      { term: 1, payload: 'b' },
    ]);
    const other = new Log({ snapshot: { index: 2, term: 1 }, entries: [] });
    fill(other, [{ term: 2, payload: 'c' }]);
    const received = other.slice(3, 1e9);
    log.appendBlock(received);
    const blocks = log.blocks(1, 1e9);
    expect(blocks.map(({ firstIndex, count }) => [firstIndex, count])).to.deep.equal([
      [1, 2],
      [3, 1],
    ]);
    expect(blocks[1]?.bytes.buffer).to.equal(received.bytes.buffer);
    const [first = 0, second = 0] = blocks.map(({ bytes }) => bytes.byteLength);
    expect(log.blocks(1, first + second - 1)).to.have.length(1);
    expect(log.blocks(1, 1).map(({ count }) => count)).to.deep.equal([1]);
    expect(log.blocks(3, 1).map(({ firstIndex }) => firstIndex)).to.deep.equal([3]);
    expect(log.blocks(4, 1)).to.deep.equal([]);
  });

  it('sends the entries of one batch without copying them', () => {
    const log = new Log(empty);
    fill(log, [
      { term: 1, payload: 'a' },
      { term: 1, payload: 'b' },
    ]);
    expect(log.slice(1, 1e9).bytes.buffer).to.equal(log.slice(2, 1e9).bytes.buffer);
  });

  it('finds the last index of a term, and the first of the term at an index', () => {
    const log = new Log(empty);
    fill(
      log,
      [1, 1, 3, 3, 3, 6].map((term) => ({ term, payload: '' })),
    );
    expect([1, 2, 3, 6, 7].map((term) => log.lastIndexOf(term))).to.deep.equal([
      2,
      undefined,
      5,
      6,
      undefined,
    ]);
    expect([1, 2, 5, 6].map((index) => log.firstIndexOfTermAt(index))).to.deep.equal([1, 1, 3, 6]);
  });

  it('drops nothing that is committed', () => {
    const log = new Log(empty);
    fill(log, [{ term: 1, payload: 'a' }]);
    log.commitIndex = 1;
    expect(() => log.truncateFrom(1)).to.throw(RangeError, 'Entry 1 is committed');
  });

  it('replaces everything by a snapshot that it does not continue', () => {
    const log = new Log(empty);
    fill(log, [{ term: 1, payload: 'a' }]);
    log.compactTo({ index: 9, term: 4 });
    expect(log).to.include({ snapshotIndex: 9, lastIndex: 9, lastTerm: 4, byteLength: 0, commitIndex: 9 });
  });
});

describe('entries', () => {
  it('are refused whole when any byte of a header is wrong', () => {
    const log = new Log(empty);
    fill(log, [
      { term: 2, payload: 'abc' },
      { term: 2, payload: 'def' },
    ]);
    const { bytes } = log.slice(1, 1e9);
    const sound = bytes.slice();
    expect(entryOffsets(sound, 1)).to.deep.equal([0, 27]);
    // Length, version, kind, index and term; group, service and the reserved bytes are free.
    for (const at of [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 16, 17, 27, 31, 32, 39, 45]) {
      const broken = sound.slice();
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      if (at === 45) broken[at] = 1;
      expect(() => entryOffsets(broken, 1), `byte ${at}`).to.throw(MalformedEntries);
    }
    for (let length = 1; length < sound.length; length += 1) {
      if (length !== 27) expect(() => entryOffsets(sound.slice(0, length), 1)).to.throw(MalformedEntries);
    }
  });
});
