/** The disk of the simulation: what is durable when. */
import { expect } from 'chai';
import { EntryKind, entryOffsets } from '../../../machines/entry.ts';
import { Log } from '../../../machines/log.ts';
import type { StoredState, WriteGroup } from '../../../machines/ports.ts';
import { SeededRandom } from '../../../machines/random.ts';
import { type DiskConditions, reliableDisk, SimulatedDisk, VirtualClock } from '../../../runtime/testing.ts';

/** Entries 1 to `count` of term 1. */
function entries(count: number) {
  const log = new Log({ snapshot: { index: 0, term: 0 }, entries: [] });
  for (let i = 0; i < count; i += 1) log.append(1, EntryKind.command, 0, new Uint8Array([i]));
  return log.slice(1, Number.POSITIVE_INFINITY);
}

function makeDisk(conditions: Partial<DiskConditions> = {}, seed = 1) {
  const clock = new VirtualClock();
  const disk = new SimulatedDisk(clock, new SeededRandom(seed), { ...reliableDisk, ...conditions });
  const settled: (Error | undefined)[] = [];
  const write = (group: WriteGroup) => disk.write(group, (error) => settled.push(error));
  return { clock, disk, settled, write };
}

const lastIndex = ({ entries: blocks }: StoredState) => blocks.at(-1)?.count ?? 0;
const hardState = { term: 3, votedFor: 'n2' };

describe('SimulatedDisk', () => {
  it('makes a write durable, and says so, after its sync time', async () => {
    const { clock, disk, settled, write } = makeDisk({ syncMs: [5, 5] });
    write({ hardState, entries: entries(2) });
    await clock.run(4.9);
    expect(disk.recovered).to.include({ term: 0, votedFor: null });
    expect(settled).to.deep.equal([]);
    await clock.run(5);
    expect(disk.recovered).to.include(hardState);
    expect(lastIndex(disk.recovered)).to.equal(2);
    expect(settled).to.deep.equal([undefined]);
  });

  it('lets time move however short its sync is', async () => {
    const { clock, settled, write } = makeDisk({ syncMs: [0, 0] });
    write({ hardState });
    await clock.run(0);
    expect(settled).to.have.length(0);
    await clock.run(0.01);
    expect(settled).to.have.length(1);
  });

  it('keeps what it was given, whatever becomes of the memory it was given in', async () => {
    const { clock, disk, write } = makeDisk();
    const both = entries(2);
    const before = both.bytes.slice();
    const [, second = 0] = entryOffsets(both.bytes, 1);
    write({
      entries: { firstIndex: 1, count: 1, bytes: both.bytes.subarray(0, second) },
      furtherEntries: [{ firstIndex: 2, count: 1, bytes: both.bytes.subarray(second) }],
    });
    both.bytes.fill(0);
    await clock.run(1);
    expect(disk.recovered.entries[0]?.bytes).to.deep.equal(before);
  });

  it('refuses a second write while one is under way', () => {
    const { write } = makeDisk();
    write({ hardState });
    expect(() => write({ hardState })).to.throw('second write');
  });

  it('replaces, truncates and compacts as a group says', async () => {
    const { clock, disk, write } = makeDisk();
    write({ entries: entries(5) });
    await clock.run(1);
    write({ truncateFrom: 4 });
    await clock.run(2);
    expect(lastIndex(disk.recovered)).to.equal(3);
    const staged = disk.stageSnapshot({ index: 2, term: 1 });
    await staged.add(new Uint8Array([1, 2, 3]));
    write({ snapshot: staged });
    await clock.run(3);
    expect(disk.recovered.snapshot).to.deep.equal({ index: 2, term: 1 });
    expect(disk.recovered.entries[0]).to.include({ firstIndex: 3, count: 1 });
    expect(await disk.snapshot()?.read(1, 10)).to.deep.equal(new Uint8Array([2, 3]));
  });

  it('loses the write under way at a crash, and tells nobody', async () => {
    const { clock, disk, settled, write } = makeDisk({ syncMs: [5, 5] });
    write({ hardState, entries: entries(2) });
    await clock.run(4);
    disk.crash();
    await clock.run(100);
    expect(disk.recovered.term).to.equal(0);
    expect(lastIndex(disk.recovered)).to.equal(0);
    expect(settled).to.deep.equal([]);
  });

  it('leaves, of a torn write, a first part: the hard state before the entries', async () => {
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 100; seed += 1) {
      const { disk, write } = makeDisk({ tornWrites: 1 }, seed);
      write({ hardState, entries: entries(3) });
      disk.crash();
      outcomes.add(`term ${disk.recovered.term}, ${lastIndex(disk.recovered)} entries`);
    }
    expect([...outcomes].sort()).to.deep.equal([
      'term 0, 0 entries',
      ...[0, 1, 2, 3].map((count) => `term 3, ${count} entries`),
    ]);
  });

  it('fails a write where it is asked to, and holds nothing of it', async () => {
    const { clock, disk, settled, write } = makeDisk({ writeFailures: 1 });
    write({ hardState });
    await clock.run(1);
    expect(settled[0]).to.include({ code: 'SimulatedDiskFailure' });
    expect(disk.recovered.term).to.equal(0);
  });

  it('finishes, of a node that is gone, the write under way', async () => {
    const { clock, disk, settled, write } = makeDisk();
    write({ hardState });
    await disk.close();
    await clock.run(1);
    expect(disk.recovered.term).to.equal(3);
    expect(settled).to.deep.equal([]);
  });

  it('is put back from an image with the write under way, which reports to whoever resumes it', async () => {
    const { clock, disk, write } = makeDisk({ syncMs: [5, 10] });
    write({ entries: entries(2) });
    await clock.run(20);
    write({ hardState });
    await clock.run(22);
    const image = structuredClone(disk.image());
    for (let again = 0; again < 2; again += 1) {
      const other = makeDisk({}, 99);
      other.clock.restore(clock.image());
      other.disk.restore(image);
      const times: number[] = [];
      other.disk.resume(() => times.push(other.clock.now()));
      expect(other.disk.recovered.term).to.equal(0);
      expect(lastIndex(other.disk.recovered)).to.equal(2);
      await other.clock.run(50);
      expect(other.disk.recovered.term).to.equal(3);
      expect(times).to.deep.equal([image.writing?.time]);
    }
  });
});
