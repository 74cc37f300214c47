/** The rules of snapshots on their way out, on a leader whose disk and peers are the test's. */
import { expect } from 'chai';
import { snapshotChunkBytes } from '../../../machines/limits.ts';
import type { InstallSnapshotReply, InstallSnapshotRequest } from '../../../machines/messages.ts';
import type { SnapshotId } from '../../../machines/ports.ts';
import { MemoryStoredSnapshot } from '../../../runtime/storage/memorySnapshot.ts';
import { entriesRequest, type Harness, harness, matched } from './nodeHarness.ts';

const chunks = 3;

/** A state that takes several chunks, each byte of it the snapshot's index. */
const stateAt = (index: number) => new Uint8Array(chunks * snapshotChunkBytes - 7).fill(index);

/** The leader of term 2, whose log begins behind index 10; its snapshot is durable unless said otherwise. */
async function leading({ isDurable = true } = {}): Promise<Harness> {
  const bench = harness({ term: 1, snapshot: { index: 10, term: 1 } });
  if (isDurable) bench.disk.stored = new MemoryStoredSnapshot({ index: 10, term: 1 }, stateAt(10));
  await bench.elect();
  bench.disk.isFast = true;
  return bench;
}

/** n2 has nothing of the log, so that it needs the snapshot. */
async function ask(bench: Harness): Promise<void> {
  bench.answer('n2', { ...matched(2, 0), success: false, conflictIndex: 1 });
  await bench.pass(0);
}

/** Another entry is agreed on with n3 and applied, and the service captures all up to it. */
async function compact({ node, answer, pass }: Harness): Promise<void> {
  const { index } = node.propose(new Uint8Array(1));
  await pass(0);
  answer('n3', matched(2, index, 'n3'));
  await pass(0);
  const staged = node.stageSnapshot(index);
  await staged?.add(stateAt(index));
  if (staged) node.commitSnapshot(staged);
  await pass(0);
  expect(node.log.snapshotIndex, 'compacted').to.equal(index);
}

function sentChunks({ sent }: Harness): { callId: number; request: InstallSnapshotRequest }[] {
  return sent.flatMap(({ to, callId, request }) =>
    to === 'n2' && request.type === 'installSnapshot' ? [{ callId, request }] : [],
  );
}
const sentPlaces = (bench: Harness) =>
  sentChunks(bench).map(({ request: { lastIncludedIndex, offset } }) => [
    lastIncludedIndex,
    offset / snapshotChunkBytes,
  ]);

function reply(lastIncludedIndex: number, offset: number, installed = false): InstallSnapshotReply {
  return {
    ...{ type: 'installSnapshotReply', group: 0, term: 2, from: 'n2' },
    ...{ lastIncludedIndex, offset, installed },
  };
}

/** n2 takes the chunk that was sent last. */
async function take(bench: Harness): Promise<InstallSnapshotRequest> {
  const { request } = sentChunks(bench).at(-1) ?? {};
  if (!request) throw new Error('n2 was sent no chunk');
  const { lastIncludedIndex, offset, data, done } = request;
  bench.answer('n2', reply(lastIncludedIndex, offset + data.byteLength, done));
  await bench.pass(0);
  return request;
}

describe('a snapshot on its way out', () => {
  it('is sent to its end though the leader takes a newer one between any two chunks', async () => {
    const bench = await leading();
    await ask(bench);
    const taken: InstallSnapshotRequest[] = [];
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      await compact(bench);
      taken.push(await take(bench));
    }
    expect(sentPlaces(bench).slice(0, chunks)).to.deep.equal([
      [10, 0],
      [10, 1],
      [10, 2],
    ]);
    expect(
      Buffer.concat(taken.map(({ data }) => data)).equals(stateAt(10)),
      'the bytes of index 10',
    ).to.equal(true);
    expect(bench.node.status().matchIndex.n2).to.equal(10);
    // What follows it is gone, too: the newest one is next.
    expect(sentPlaces(bench).slice(chunks)).to.deep.equal([[13, 0]]);
    expect(bench.disk.held).to.deep.equal([13]);
  });

  it('goes on with the entries behind it where those are there', async () => {
    const bench = await leading();
    bench.node.propose(new Uint8Array(1));
    await ask(bench);
    for (let chunk = 0; chunk < chunks; chunk += 1) await take(bench);
    const latest = bench.sent.findLast(({ to }) => to === 'n2')?.request;
    expect(latest).to.include({ type: 'appendEntries', prevLogIndex: 10 });
    expect(bench.disk.held).to.deep.equal([]);
  });

  it('asks for a lost chunk again, at the same place of the same snapshot', async () => {
    const bench = await leading();
    await ask(bench);
    await take(bench);
    await compact(bench);
    await bench.pass(250);
    expect(sentPlaces(bench).slice(1)).to.deep.equal([
      [10, 1],
      [10, 1],
      [10, 1],
    ]);
    await take(bench);
    expect(sentPlaces(bench).at(-1)).to.deep.equal([10, 2]);
  });

  it('begins anew with a follower that has lost what it had', async () => {
    const bench = await leading();
    await ask(bench);
    await take(bench);
    bench.answer('n2', reply(10, 0));
    await bench.pass(0);
    expect(sentPlaces(bench)).to.deep.equal([
      [10, 0],
      [10, 1],
      [10, 0],
    ]);
  });

  it('is not thrown back by a late answer about an earlier chunk', async () => {
    const bench = await leading();
    await ask(bench);
    const [first] = sentChunks(bench);
    await bench.pass(120);
    await take(bench);
    await take(bench);
    bench.node.replied(first?.callId ?? 0, reply(10, snapshotChunkBytes));
    await bench.pass(0);
    expect(sentPlaces(bench)).to.deep.equal([
      [10, 0],
      [10, 0],
      [10, 1],
      [10, 2],
    ]);
  });

  it('takes no chunk of another one that was read late', async () => {
    const bench = await leading();
    await ask(bench);
    const before = sentPlaces(bench);
    const late = { index: 9, term: 1, offset: 0, data: new Uint8Array(1), done: true };
    bench.node.tell('replicator:n2', { type: 'chunkRead', ...late });
    await bench.pass(0);
    expect(sentPlaces(bench)).to.deep.equal(before);
  });

  it('is not ended by a late answer about the one before it', async () => {
    const bench = await leading();
    await ask(bench);
    await compact(bench);
    for (let chunk = 1; chunk < chunks; chunk += 1) await take(bench);
    const last = sentChunks(bench).at(-1);
    await bench.pass(120);
    await take(bench);
    await take(bench);
    expect(sentPlaces(bench).slice(-2)).to.deep.equal([
      [11, 0],
      [11, 1],
    ]);
    bench.node.replied(last?.callId ?? 0, reply(10, stateAt(10).byteLength, true));
    await bench.pass(0);
    await take(bench);
    expect(sentPlaces(bench).at(-1)).to.deep.equal([11, 2]);
  });

  it('is waited for with heartbeats while it is not durable yet', async () => {
    const bench = await leading({ isDurable: false });
    await ask(bench);
    const before = bench.sent.length;
    await bench.pass(350);
    const toN2 = bench.sent.slice(before).filter(({ to }) => to === 'n2');
    expect(toN2.map(({ request }) => request.type)).to.deep.equal(new Array(3).fill('appendEntries'));
    for (const { request } of toN2) expect(request).to.deep.include({ prevLogIndex: 0, prevLogTerm: 0 });
    bench.disk.stored = new MemoryStoredSnapshot({ index: 10, term: 1 }, stateAt(10));
    await bench.pass(100);
    expect(sentPlaces(bench)).to.deep.equal([[10, 0]]);
  });

  it('is not one that ends before the log begins', async () => {
    const bench = await leading();
    const older: SnapshotId = { index: 5, term: 1 };
    bench.disk.stored = new MemoryStoredSnapshot(older, stateAt(5));
    await ask(bench);
    expect(sentPlaces(bench)).to.deep.equal([]);
    expect(bench.disk.held, 'looked at, and let go of').to.deep.equal([]);
  });

  describe('is let go of', () => {
    /** In the middle of the transfer. */
    async function sending(): Promise<Harness> {
      const bench = await leading();
      await ask(bench);
      await take(bench);
      expect(bench.disk.held).to.deep.equal([10]);
      return bench;
    }

    it('when the follower has it', async () => {
      const bench = await sending();
      for (let chunk = 1; chunk < chunks; chunk += 1) await take(bench);
      expect(bench.disk.held).to.deep.equal([]);
    });

    it('when the leader steps down', async () => {
      const bench = await sending();
      bench.receive(entriesRequest(9, [0, 0], [], { from: 'n3' }));
      await bench.pass(1);
      expect(bench.node.status().role).to.equal('follower');
      expect(bench.disk.held).to.deep.equal([]);
    });

    it('when the node is stopped', async () => {
      const bench = await sending();
      await bench.node.stop();
      expect(bench.disk.held).to.deep.equal([]);
    });

    it('when the disk fails', async () => {
      const bench = await sending();
      bench.disk.isFast = false;
      bench.node.propose(new Uint8Array(1));
      await bench.pass(0);
      bench.disk.finish(new Error('EIO'));
      await bench.pass(1);
      expect(bench.node.status().role).to.equal('stopped');
      expect(bench.disk.held).to.deep.equal([]);
    });

    it('by one follower while another one is still being sent it', async () => {
      const bench = await sending();
      bench.answer('n3', { ...matched(2, 0, 'n3'), success: false, conflictIndex: 1 });
      await bench.pass(0);
      expect(bench.disk.held).to.deep.equal([10, 10]);
      for (let chunk = 1; chunk < chunks; chunk += 1) await take(bench);
      expect(bench.disk.held).to.deep.equal([10]);
      await bench.pass(120);
      const toN3 = bench.sent.filter(({ to, request }) => to === 'n3' && request.type === 'installSnapshot');
      expect(toN3.length, 'sent to n3, which has not answered').to.equal(2);
    });
  });
});
