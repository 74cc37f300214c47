/** The rules of snapshots that come in, on a node whose disk and peers are the test's. */
import { expect } from 'chai';
import type { InstallSnapshotRequest } from '../../../machines/messages.ts';
import type { Applied } from '../../../machines/streams.ts';
import { block, entriesRequest, harness, record, voteRequest } from './nodeHarness.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('snapshots on their way in', () => {
  const chunk = (index: number, about: Partial<InstallSnapshotRequest> = {}): InstallSnapshotRequest => ({
    ...{
      type: 'installSnapshot',
      group: 0,
      term: 2,
      from: 'n2',
      lastIncludedIndex: index,
      lastIncludedTerm: 1,
    },
    ...{ offset: 0, data: bytes('state'), done: true },
    ...about,
  });
  const indexes = (applied: readonly Applied[]) =>
    applied.map((item) =>
      item.type === 'entries' ? item.entries.map((entry) => entry.index) : item.snapshot.index,
    );

  it('are handed to the service before any entry behind them, however early that is committed', async () => {
    const bench = harness({ term: 2 });
    const applied = record(bench.node.streams.apply$);
    bench.receive(chunk(110));
    await bench.pass(1);
    bench.receive(entriesRequest(2, [110, 1], [2, 2, 2], { leaderCommit: 113 }));
    await bench.pass(1);
    expect(indexes(applied), 'applied while the snapshot is not durable').to.deep.equal([]);
    bench.disk.isFast = true;
    bench.disk.finish();
    await bench.pass(1);
    expect(indexes(applied)).to.deep.equal([110]);
    bench.node.snapshotRestored(110);
    await bench.pass(1);
    expect(indexes(applied)).to.deep.equal([110, [111, 112, 113]]);
  });

  it('are acknowledged, and matched by heartbeats, only once they are durable', async () => {
    const bench = harness({ term: 2, entries: [block(1, new Array<number>(200).fill(2))] });
    const last = bench.receive(chunk(110));
    await bench.pass(1);
    const again = bench.receive(chunk(110));
    const heartbeat = bench.receive(entriesRequest(2, [110, 1]));
    await bench.pass(1);
    expect(bench.disk.isWriting).to.equal(true);
    expect([last, again, heartbeat].filter((token) => bench.replies.has(token))).to.deep.equal([]);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.get(last)).to.include({ installed: true });
    expect(bench.replies.get(heartbeat)).to.include({ success: true, matchIndex: 110 });
  });

  it('are not complete when another one took their place in the middle of a chunk', async () => {
    const bench = harness({ term: 2 });
    bench.disk.isFast = true;
    const first = bench.receive(chunk(110));
    const second = bench.receive(chunk(120, { done: false }));
    await bench.pass(1);
    expect(bench.replies.get(first)).to.include({ installed: false });
    expect(bench.replies.get(second)).to.include({ installed: false });
    expect(bench.disk.groups.filter((group) => group.snapshot)).to.deep.equal([]);
  });

  it('go on where they were after a candidacy in between', async () => {
    const bench = harness({ term: 2 });
    bench.disk.isFast = true;
    bench.receive(chunk(110, { done: false }));
    await bench.pass(1);
    await bench.clock.run(2000, () => bench.node.status().role !== 'follower');
    const next = bench.receive(chunk(110, { offset: 5 }));
    await bench.pass(1);
    expect(bench.replies.get(next)).to.include({ installed: true, offset: 10 });
  });

  it('leave no truncation beneath themselves in one write', async () => {
    const bench = harness({ term: 1, entries: [block(1, new Array<number>(20).fill(1))] });
    bench.receive(voteRequest(2, { lastLogIndex: 99, lastLogTerm: 9 }));
    await bench.pass(1);
    // While that is being written: a conflict at 10, all committed, and a snapshot of the service at 15.
    bench.receive(entriesRequest(2, [9, 1], new Array<number>(11).fill(2), { leaderCommit: 20 }));
    await bench.pass(1);
    const staged = bench.node.stageSnapshot(15);
    expect(staged?.index).to.equal(15);
    if (staged) bench.node.commitSnapshot(staged);
    await bench.pass(1);
    bench.disk.finish();
    await bench.pass(1);
    const group = bench.disk.groups.at(-1);
    expect(group?.snapshot?.index).to.equal(15);
    expect(group?.truncateFrom).to.equal(16);
    expect(group?.entries).to.include({ firstIndex: 16, count: 5 });
  });
});
