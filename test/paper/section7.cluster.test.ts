import { expect } from 'chai';
import { type Simulation, type SimulationOptions, simulate } from 'xstate-raft/testing';
import type { InstallSnapshotRequest } from '../../machines/messages.ts';
import { MemoryStoredSnapshot } from '../../runtime/storage/memorySnapshot.ts';
import { agreeOn, asInThePaper, bytes, type Delivery, deliveriesOf, lead, paperNode } from './paperBench.ts';

const chunksOf = (deliveries: readonly Delivery[]) =>
  deliveries.flatMap(({ to, message }) => (message.type === 'installSnapshot' ? [{ to, ...message }] : []));

// Section 7, log compaction: leaders and followers.
describe('7 snapshots in a cluster', () => {
  let simulation: Simulation;
  afterEach(() => simulation.stop());

  async function led(options: Partial<SimulationOptions> = {}): Promise<string> {
    simulation = simulate({
      nodes: 3,
      seed: 1,
      raft: asInThePaper,
      snapshots: { everyEntries: 10 },
      ...options,
    });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    return simulation.leader() ?? '';
  }

  async function propose(leader: string, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      simulation.propose(leader, bytes(`${i}`));
      await simulation.run(5);
    }
  }

  it('every server takes its own: one that keeps up is never sent any', async () => {
    const leader = await led();
    const deliveries = deliveriesOf(simulation);
    await propose(leader, 60);
    await simulation.run(200);
    for (const id of simulation.ids) expect(simulation.status(id)?.snapshotIndex, id).to.be.at.least(50);
    expect(chunksOf(deliveries)).to.deep.equal([]);
  });

  it('the log stays bounded, however many commands there are', async () => {
    const leader = await led();
    for (let round = 0; round < 10; round += 1) {
      await propose(leader, 10);
      for (const id of simulation.ids) {
        const { lastLogIndex = 0, snapshotIndex = 0 } = simulation.status(id) ?? {};
        expect(lastLogIndex - snapshotIndex, `entries of ${id} in round ${round}`).to.be.at.most(15);
      }
    }
  });

  it('a follower whose next entry is compacted is sent the snapshot, then the entries behind it', async () => {
    const leader = await led();
    const [behind = ''] = simulation.ids.filter((id) => id !== leader);
    simulation.network.disconnect(behind);
    await propose(leader, 35);
    const deliveries = deliveriesOf(simulation);
    simulation.network.connect(behind);
    expect(await simulation.until(() => agreeOn(simulation, 35), 3000), 'all applied the same').to.equal(
      true,
    );
    const snapshot = chunksOf(deliveries).at(-1);
    expect(snapshot).to.include({ to: behind, from: leader, offset: 0, done: true });
    expect(snapshot?.lastIncludedIndex).to.be.within(30, 35);
    const entries = deliveries.flatMap(({ to, message }) =>
      to === behind && message.type === 'appendEntries' && message.entries.count > 0 ? [message.entries] : [],
    );
    expect(entries[0]?.firstIndex).to.equal((snapshot?.lastIncludedIndex ?? 0) + 1);
  });

  it('a large one goes in chunks, in order, the last of them marked', async () => {
    const leader = await led({ snapshots: { everyEntries: 10, bytes: 600_000 } });
    const [behind = ''] = simulation.ids.filter((id) => id !== leader);
    simulation.network.disconnect(behind);
    await propose(leader, 12);
    const deliveries = deliveriesOf(simulation);
    simulation.network.connect(behind);
    expect(await simulation.until(() => agreeOn(simulation, 12), 3000), 'all applied the same').to.equal(
      true,
    );
    const chunks = chunksOf(deliveries);
    expect(chunks.map(({ done }) => done)).to.deep.equal([false, false, true]);
    let next = 0;
    for (const { offset, data } of chunks) {
      expect(offset).to.equal(next);
      next += data.byteLength;
    }
    expect(next).to.be.at.least(600_000);
  });

  it('a server that restarts goes on from its own, without help', async () => {
    const leader = await led();
    const [follower = ''] = simulation.ids.filter((id) => id !== leader);
    await propose(leader, 25);
    simulation.restart(follower);
    const { snapshotIndex } = simulation.status(follower) ?? {};
    expect(snapshotIndex).to.be.at.least(20);
    expect(simulation.applied(follower).lastApplied).to.equal(snapshotIndex);
    const deliveries = deliveriesOf(simulation);
    expect(await simulation.until(() => agreeOn(simulation, 25), 3000), 'all applied the same').to.equal(
      true,
    );
    expect(chunksOf(deliveries)).to.deep.equal([]);
  });
});

// Section 7, log compaction: figure 13, the reply.
describe('7 a leader that sends a snapshot', () => {
  /** A leader whose log is all in its snapshot, of 5 bytes, and a follower that has nothing. */
  async function sending() {
    const bench = paperNode({ term: 3, snapshot: { index: 9, term: 2 } });
    Object.assign(bench.disk, {
      snapshot: () => new MemoryStoredSnapshot({ index: 9, term: 2 }, bytes('state')),
    });
    await lead(bench);
    const reply = { type: 'appendEntriesReply', group: 0, term: 4, from: 'n2', success: false } as const;
    bench.answer('n2', { ...reply, matchIndex: 0, conflictIndex: 1, conflictTerm: 0, round: 0 });
    await bench.pass(1);
    return bench;
  }
  const reply = {
    type: 'installSnapshotReply',
    group: 0,
    from: 'n2',
    lastIncludedIndex: 9,
    offset: 5,
  } as const;

  it('says in it where the log goes on, and repeats it until it is answered', async () => {
    const bench = await sending();
    await bench.pass(250);
    const chunks = bench.sent.flatMap(({ to, request }) =>
      to === 'n2' && request.type === 'installSnapshot' ? [request as InstallSnapshotRequest] : [],
    );
    expect(chunks.length).to.be.at.least(3);
    for (const sent of chunks) {
      expect(sent).to.include({ term: 4, lastIncludedIndex: 9, lastIncludedTerm: 2, offset: 0, done: true });
    }
  });

  it('counts what it stands for as replicated once it is installed', async () => {
    const bench = await sending();
    bench.answer('n2', { ...reply, term: 4, installed: true });
    await bench.pass(1);
    expect(bench.node.status().matchIndex).to.deep.equal({ n2: 9 });
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    const last = bench.sent.findLast(({ to }) => to === 'n2')?.request;
    expect(last).to.include({ type: 'appendEntries', prevLogIndex: 9, prevLogTerm: 2 });
  });

  it('follows where the reply has a higher term', async () => {
    const bench = await sending();
    bench.answer('n2', { ...reply, term: 8, installed: false });
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'follower', term: 8 });
  });
});
