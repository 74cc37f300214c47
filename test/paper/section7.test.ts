import { expect } from 'chai';
import type { InstallSnapshotRequest } from '../../machines/messages.ts';
import type { Applied } from '../../machines/streams.ts';
import { MemoryStagedSnapshot } from '../../runtime/storage/memorySnapshot.ts';
import { entriesRequest, type Harness, record, voteRequest } from '../unit/runtime/nodeHarness.ts';
import { ask, bytes, lastSent, paperNode, stand, stored, termsOf } from './paperBench.ts';

/** One chunk, whole by default, of a snapshot that ends in term 2. */
const chunk = (index: number, about: Partial<InstallSnapshotRequest> = {}): InstallSnapshotRequest => ({
  ...{
    type: 'installSnapshot',
    group: 0,
    term: 3,
    from: 'n2',
    lastIncludedIndex: index,
    lastIncludedTerm: 2,
  },
  ...{ offset: 0, data: bytes('state'), done: true },
  ...about,
});

/** A follower of term 3 that has applied all of the log 1 1 2. */
async function follower(): Promise<Harness> {
  const bench = paperNode(stored(3, [1, 1, 2]));
  await ask(bench, entriesRequest(3, [3, 2], [], { leaderCommit: 3 }));
  return bench;
}

async function takeSnapshot(bench: Harness, index: number): Promise<boolean> {
  const staged = bench.node.stageSnapshot(index);
  if (!staged) return false;
  await staged.add(bytes('state'));
  bench.node.commitSnapshot(staged);
  await bench.pass(1);
  return true;
}

/** The snapshots that the disk was given, as text. */
const snapshotsOnDisk = ({ disk }: Harness) =>
  disk.groups.flatMap(({ snapshot }) =>
    snapshot instanceof MemoryStagedSnapshot ? [new TextDecoder().decode(snapshot.bytes())] : [],
  );

/** Indexes of entries, and of snapshots as text. */
const seen = (applied: readonly Applied[]) =>
  applied.flatMap((item): (number | string)[] =>
    item.type === 'entries' ? item.entries.map(({ index }) => index) : [`snapshot ${item.snapshot.index}`],
  );

// Section 7, log compaction: what a server does by itself.
describe('7 a server that takes a snapshot', () => {
  it('covers only what it has applied', async () => {
    const bench = paperNode(stored(3, [1, 1, 2]));
    await ask(bench, entriesRequest(3, [3, 2], [], { leaderCommit: 2 }));
    expect(await takeSnapshot(bench, 3)).to.equal(false);
    expect(await takeSnapshot(bench, 2)).to.equal(true);
  });

  it('drops the entries up to the last one included, and keeps those behind it', async () => {
    const bench = await follower();
    await takeSnapshot(bench, 2);
    expect(bench.node.status()).to.include({ snapshotIndex: 2, lastLogIndex: 3 });
    expect(termsOf(bench)).to.deep.equal([2]);
    expect(bench.disk.groups.at(-1)?.snapshot).to.include({ index: 2, term: 1 });
  });

  it('does nothing with one that is older than what it has', async () => {
    const bench = await follower();
    await takeSnapshot(bench, 3);
    expect(await takeSnapshot(bench, 2)).to.equal(false);
    expect(bench.node.status().snapshotIndex).to.equal(3);
  });

  it('remembers the index and term of the last entry included, for the check of the entry behind it', async () => {
    const bench = await follower();
    await takeSnapshot(bench, 3);
    expect(await ask(bench, entriesRequest(3, [3, 1], [3]))).to.include({ success: false });
    expect(await ask(bench, entriesRequest(3, [3, 2], [3]))).to.include({ success: true, matchIndex: 4 });
  });

  it('compares logs by them, as a voter and as a candidate', async () => {
    const bench = await follower();
    await takeSnapshot(bench, 3);
    await bench.pass(300);
    const shorter = voteRequest(4, { lastLogIndex: 2, lastLogTerm: 2 });
    expect(await ask(bench, shorter)).to.include({ voteGranted: false });
    await stand(bench);
    expect(lastSent(bench, 'requestVote')).to.include({ lastLogIndex: 3, lastLogTerm: 2 });
  });

  it('begins with it after a restart: nothing that it stands for is applied again', async () => {
    const bench = paperNode({ term: 3, snapshot: { index: 3, term: 2 } });
    const applied = record(bench.node.streams.apply$);
    expect(bench.node.status()).to.include({ commitIndex: 3, lastApplied: 3, lastLogIndex: 3 });
    await ask(bench, entriesRequest(3, [1, 1], [1, 2, 3], { leaderCommit: 4 }));
    expect(seen(applied)).to.deep.equal([4]);
  });
});

// Section 7, log compaction: figure 13, receiver of InstallSnapshot.
describe('7 a server that is sent a snapshot (figure 13)', () => {
  it('1: refuses one of a lower term, and leaves everything as it is', async () => {
    const bench = paperNode(stored(3, [1]));
    expect(await ask(bench, chunk(9, { term: 2 }))).to.include({ term: 3, installed: false });
    expect(bench.node.status()).to.include({ leader: null, snapshotIndex: 0, lastLogIndex: 1 });
  });

  it('takes a higher term over from it, and follows who sends it', async () => {
    const bench = paperNode(stored(2));
    await stand(bench);
    expect(await ask(bench, chunk(9, { term: 7 }))).to.include({ term: 7, installed: true });
    expect(bench.node.status()).to.include({ role: 'follower', term: 7, leader: 'n2' });
  });

  it('2 to 4: puts chunks together by their offsets, answers each, and waits for the last', async () => {
    const bench = paperNode(stored(3));
    expect(await ask(bench, chunk(9, { data: bytes('one '), done: false }))).to.include({
      offset: 4,
      installed: false,
    });
    expect(await ask(bench, chunk(9, { offset: 4, data: bytes('two '), done: false }))).to.include({
      offset: 8,
    });
    expect(snapshotsOnDisk(bench)).to.deep.equal([]);
    const last = await ask(bench, chunk(9, { offset: 8, data: bytes('three') }));
    expect(last).to.include({ lastIncludedIndex: 9, installed: true });
    expect(snapshotsOnDisk(bench)).to.deep.equal(['one two three']);
  });

  it('3: takes no chunk twice, and none out of order', async () => {
    const bench = paperNode(stored(3));
    await ask(bench, chunk(9, { data: bytes('one '), done: false }));
    expect(await ask(bench, chunk(9, { data: bytes('one '), done: false }))).to.include({ offset: 4 });
    const early = await ask(bench, chunk(9, { offset: 8, data: bytes('three') }));
    expect(early).to.include({ offset: 4, installed: false });
    await ask(bench, chunk(9, { offset: 4, data: bytes('two') }));
    expect(snapshotsOnDisk(bench)).to.deep.equal(['one two']);
  });

  it('2: begins anew when another leader sends the same snapshot, which may be written in other bytes', async () => {
    const bench = paperNode(stored(3));
    await ask(bench, chunk(9, { data: bytes('a '), done: false }));
    const successor = { term: 4, from: 'n3' };
    expect(await ask(bench, chunk(9, { ...successor, offset: 2, data: bytes('a') }))).to.include({
      offset: 0,
    });
    expect(await ask(bench, chunk(9, { ...successor, data: bytes('b a') }))).to.include({ installed: true });
    expect(snapshotsOnDisk(bench)).to.deep.equal(['b a']);
  });

  it('5: lets go of an older one that is half there', async () => {
    const bench = paperNode(stored(3));
    await ask(bench, chunk(5, { data: bytes('old'), done: false }));
    expect(await ask(bench, chunk(9, { data: bytes('new') }))).to.include({ installed: true });
    expect(snapshotsOnDisk(bench)).to.deep.equal(['new']);
  });

  it('6: keeps the entries behind the last one included where its log has that very entry', async () => {
    const bench = paperNode(stored(3, [1, 1, 2, 2, 3]));
    await ask(bench, chunk(3));
    expect(bench.node.status()).to.include({ snapshotIndex: 3, lastLogIndex: 5 });
    expect(termsOf(bench)).to.deep.equal([2, 3]);
    expect(bench.disk.groups.at(-1)?.truncateFrom).to.equal(undefined);
  });

  it('7: lets go of its whole log where it has another entry there', async () => {
    const bench = paperNode(stored(3, [1, 1, 1, 1, 1]));
    await ask(bench, chunk(3));
    expect(bench.node.status()).to.include({ snapshotIndex: 3, lastLogIndex: 3 });
    expect(bench.disk.groups.at(-1)).to.include({ truncateFrom: 4 });
  });

  it('7: lets go of its whole log where that does not reach so far', async () => {
    const bench = paperNode(stored(3, [1, 1]));
    await ask(bench, chunk(9));
    expect(bench.node.status()).to.include({ snapshotIndex: 9, lastLogIndex: 9 });
    expect(await ask(bench, entriesRequest(3, [9, 2], [3]))).to.include({ success: true, matchIndex: 10 });
  });

  it('8: hands it to the service in place of what that knew, and goes on behind it', async () => {
    const bench = paperNode(stored(3, [1, 1]));
    const applied = record(bench.node.streams.apply$);
    await ask(bench, entriesRequest(3, [2, 1], [], { leaderCommit: 1 }));
    await ask(bench, chunk(9));
    bench.node.snapshotRestored(9);
    await ask(bench, entriesRequest(3, [9, 2], [3], { leaderCommit: 10 }));
    expect(seen(applied)).to.deep.equal([1, 'snapshot 9', 10]);
  });

  it('never goes back: one of entries that it knows to be committed changes nothing', async () => {
    const bench = await follower();
    const applied = record(bench.node.streams.apply$);
    expect(await ask(bench, chunk(2, { lastIncludedTerm: 1 }))).to.include({ installed: true });
    expect(bench.node.status()).to.include({ snapshotIndex: 0, lastLogIndex: 3, commitIndex: 3 });
    expect(seen(applied)).to.deep.equal([]);
  });

  it('hears its leader in every chunk', async () => {
    const bench = paperNode(stored(3));
    for (let i = 0; i < 10; i += 1) {
      await bench.pass(250);
      await ask(bench, chunk(9, { offset: i * 5, done: false }));
    }
    expect(bench.node.status()).to.include({ role: 'follower', term: 3 });
    expect(bench.sent).to.deep.equal([]);
  });
});
