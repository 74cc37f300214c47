import { expect } from 'chai';
import { simulate } from 'xstate-raft/testing';
import type { StoredState } from '../../machines/ports.ts';
import { entriesRequest, type Harness, voteRequest } from '../unit/runtime/nodeHarness.ts';
import {
  agreeOn,
  asInThePaper,
  ask,
  bytes,
  deliveriesOf,
  durableTerms,
  paperNode,
  stand,
  stored,
  termsOf,
} from './paperBench.ts';

/** What a node that crashes now finds on its disk, had it begun with an empty one and only appended. */
function leftOnDisk({ disk }: Harness): Partial<StoredState> {
  return {
    ...disk.hardState,
    entries: disk.groups.flatMap(({ entries }) => (entries ? [entries] : [])),
  };
}

// Section 5.5, follower and candidate crashes: requests may be repeated.
describe('5.5 a follower', () => {
  it('that is asked to append what it has does nothing, and says yes again', async () => {
    const bench = paperNode(stored(1));
    const first = await ask(bench, entriesRequest(1, [0, 0], [1, 1]));
    const writes = bench.disk.groups.length;
    expect(await ask(bench, entriesRequest(1, [0, 0], [1, 1]))).to.deep.equal(first);
    expect(termsOf(bench)).to.deep.equal([1, 1]);
    expect(bench.disk.groups.length, 'writes').to.equal(writes);
  });

  it('that crashed before it could answer says yes to the same request after its restart', async () => {
    const bench = paperNode(stored(1));
    bench.receive(entriesRequest(1, [0, 0], [1, 1]));
    await bench.pass(0);
    const restarted = paperNode({ ...stored(1), ...leftOnDisk(bench) });
    expect(await ask(restarted, entriesRequest(1, [0, 0], [1, 1]))).to.include({
      success: true,
      matchIndex: 2,
    });
    expect(termsOf(restarted)).to.deep.equal([1, 1]);
  });

  it('that voted and crashed before it could answer gives the same vote after its restart', async () => {
    const bench = paperNode();
    bench.receive(voteRequest(3));
    await bench.pass(0);
    const restarted = paperNode(leftOnDisk(bench));
    expect(await ask(restarted, voteRequest(3))).to.include({ term: 3, voteGranted: true });
  });

  it('that is down is sent the same request until it is back, and then has it all', async () => {
    const simulation = simulate({ nodes: 3, seed: 1, raft: asInThePaper });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader() ?? '';
    const [down = ''] = simulation.ids.filter((id) => id !== leader);
    simulation.crash(down);
    for (const command of ['a', 'b', 'c']) simulation.propose(leader, bytes(command));
    await simulation.run(10_000);
    expect(simulation.status(leader)).to.include({ role: 'leader', commitIndex: 3 });
    simulation.restart(down);
    await simulation.run(300);
    expect(agreeOn(simulation, 3), 'all applied the same').to.equal(true);
    simulation.stop();
  });

  it('that crashes while it writes loses nothing that it said yes to', async () => {
    const disk = { syncMs: [5, 15], tornWrites: 0.5 } as const;
    const simulation = simulate({ nodes: 3, seed: 5, raft: asInThePaper, disk });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader() ?? '';
    const [follower = ''] = simulation.ids.filter((id) => id !== leader);
    const deliveries = deliveriesOf(simulation);
    for (let round = 0; round < 10; round += 1) {
      for (let i = 0; i < 3; i += 1) simulation.propose(leader, bytes(`${round} ${i}`));
      await simulation.run(12 + round);
      simulation.crash(follower);
      const said = deliveries.flatMap(({ from, message }) =>
        from === follower && message.type === 'appendEntriesReply' && message.success
          ? [message.matchIndex]
          : [],
      );
      expect(durableTerms(simulation, follower).length).to.be.at.least(Math.max(0, ...said));
      simulation.restart(follower);
    }
    await simulation.run(500);
    expect(agreeOn(simulation, 30), 'all applied the same').to.equal(true);
    simulation.stop();
  });
});

// Section 5.5, follower and candidate crashes: candidates.
describe('5.5 a candidate', () => {
  it('that crashed comes back as a follower that has voted for itself', async () => {
    const bench = paperNode(stored(1));
    await stand(bench);
    const restarted = paperNode({ ...stored(1), ...leftOnDisk(bench) });
    expect(restarted.node.status()).to.include({ role: 'follower', term: 2 });
    expect(await ask(restarted, voteRequest(2))).to.include({ voteGranted: false });
  });

  it('that crashes in the middle of its election leaves it to another in a later term', async () => {
    const simulation = simulate({ nodes: 3, seed: 1, raft: asInThePaper, network: { hopMs: [10, 10] } });
    const candidates = () => simulation.ids.filter((id) => simulation.status(id)?.role === 'candidate');
    await simulation.until(() => candidates().length > 0, 5000);
    const [candidate = ''] = candidates();
    await simulation.run(5);
    simulation.crash(candidate);
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader() ?? '';
    expect(leader).not.to.equal(candidate);
    expect(simulation.status(leader)?.term).to.be.above(1);
    simulation.stop();
  });
});
