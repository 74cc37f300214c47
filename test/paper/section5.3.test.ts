import { expect } from 'chai';
import { simulate } from 'xstate-raft/testing';
import { entriesRequest, matched, record } from '../unit/runtime/nodeHarness.ts';
import {
  asInThePaper,
  ask,
  bytes,
  indexesOf,
  lastSent,
  lead,
  paperNode,
  sentOf,
  stored,
  termsOf,
  unmatched,
} from './paperBench.ts';

// Section 5.3, log replication: figure 2, "leaders".
describe('5.3 a leader', () => {
  it('appends a command to its log, at the next index and in its term', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    expect(bench.node.propose(bytes('a'))).to.deep.equal({ index: 3, term: 3, isLeader: true });
    expect(bench.node.propose(bytes('b'))).to.deep.equal({ index: 4, term: 3, isLeader: true });
    expect(termsOf(bench)).to.deep.equal([1, 2, 3, 3]);
  });

  it('takes commands from its first moment, whatever the logs of the others look like', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    bench.answer('n2', unmatched(3));
    bench.answer('n3', unmatched(3, 'n3'));
    expect(bench.node.propose(bytes('a'))).to.include({ index: 3, isLeader: true });
  });

  it('sends a command to all followers at once, with the index and term of the entry before it', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    for (const peer of ['n2', 'n3']) bench.answer(peer, matched(3, 2, peer));
    await bench.pass(1);
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    for (const peer of ['n2', 'n3']) {
      const request = lastSent(bench, 'appendEntries', peer);
      expect(request).to.include({ prevLogIndex: 2, prevLogTerm: 2 });
      expect(request.entries).to.include({ firstIndex: 3, count: 1 });
    }
  });

  it('begins at the end of its own log with every follower, and knows of no agreement', async () => {
    const bench = paperNode(stored(2, [1, 2, 2]));
    await lead(bench);
    for (const peer of ['n2', 'n3']) {
      expect(lastSent(bench, 'appendEntries', peer)).to.include({ prevLogIndex: 3, prevLogTerm: 2 });
    }
    expect(bench.node.status().matchIndex, 'known to agree').to.deep.equal({});
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    expect(bench.node.log.commitIndex, 'committed before anyone spoke').to.equal(0);
  });

  it('commits an entry once it is stored by a majority, and not before', async () => {
    const simulation = simulate({ nodes: 5, seed: 1, raft: asInThePaper });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader() ?? '';
    const [near = '', third = '', ...cutOff] = simulation.ids.filter((id) => id !== leader);
    simulation.network.partition([leader, near], [third], cutOff);
    simulation.propose(leader, bytes('a'));
    await simulation.run(250);
    expect(simulation.status(near)?.lastLogIndex, 'a second copy').to.equal(1);
    expect(simulation.status(leader)?.commitIndex, 'with two of five').to.equal(0);
    simulation.network.partition([leader, near, third], cutOff);
    await simulation.run(200);
    expect(simulation.status(leader)?.commitIndex, 'with three of five').to.equal(1);
    simulation.stop();
  });

  it('applies what is committed, and with an entry all that stand before it', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    const applied = record(bench.node.streams.apply$);
    await lead(bench);
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    expect(indexesOf(applied)).to.deep.equal([]);
    bench.answer('n3', matched(3, 3, 'n3'));
    await bench.pass(1);
    expect(indexesOf(applied)).to.deep.equal([1, 2, 3]);
  });

  it('tells how far it has committed in later requests, heartbeats included', async () => {
    const bench = paperNode();
    await lead(bench);
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    for (const peer of ['n2', 'n3']) bench.answer(peer, matched(1, 0, peer));
    await bench.pass(1);
    expect(lastSent(bench, 'appendEntries', 'n2').leaderCommit).to.equal(0);
    for (const peer of ['n2', 'n3']) bench.answer(peer, matched(1, 1, peer));
    await bench.pass(120);
    expect(lastSent(bench, 'appendEntries', 'n2')).to.include({ leaderCommit: 1, prevLogIndex: 1 });
    expect(lastSent(bench, 'appendEntries', 'n2').entries.count).to.equal(0);
  });

  it('sends to a silent follower for as long as it takes, also what is long committed', async () => {
    const bench = paperNode();
    await lead(bench);
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    bench.answer('n2', matched(1, 0));
    await bench.pass(1);
    bench.answer('n2', matched(1, 1));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(1);
    for (let second = 1; second <= 5; second += 1) {
      const before = sentOf(bench, 'appendEntries', 'n3').length;
      await bench.pass(1000);
      const again = sentOf(bench, 'appendEntries', 'n3').slice(before);
      expect(again.filter(({ entries }) => entries.firstIndex === 1 && entries.count === 1)).not.to.be.empty;
    }
    bench.answer('n3', matched(1, 1, 'n3'));
    await bench.pass(1);
    expect(bench.node.status().matchIndex).to.deep.equal({ n2: 1, n3: 1 });
  });

  it('steps back one entry at a time where refused, and sends all that follows where the logs agree', async () => {
    const bench = paperNode(stored(2, [1, 1, 2, 2]));
    await lead(bench);
    const previous = [lastSent(bench, 'appendEntries', 'n2').prevLogIndex];
    for (let refusals = 0; refusals < 3; refusals += 1) {
      bench.answer('n2', unmatched(3));
      await bench.pass(0);
      previous.push(lastSent(bench, 'appendEntries', 'n2').prevLogIndex);
    }
    expect(previous).to.deep.equal([4, 3, 2, 1]);
    expect(lastSent(bench, 'appendEntries', 'n2').entries).to.include({ firstIndex: 2, count: 3 });
    expect(lastSent(bench, 'appendEntries', 'n3').prevLogIndex, 'where n3 was not asked').to.equal(4);
  });

  it('steps back over a whole term at a time where the refusal names it', async () => {
    const bench = paperNode(stored(4, [1, 1, 4, 4, 4]));
    await lead(bench);
    // The follower's log is 1 1 2 2 2: it has nothing of term 4, and term 2 begins at 3.
    bench.answer('n2', { ...matched(5, 0), success: false, conflictIndex: 3, conflictTerm: 2 });
    await bench.pass(0);
    expect(lastSent(bench, 'appendEntries', 'n2')).to.include({ prevLogIndex: 2, prevLogTerm: 1 });
  });

  it('never drops or changes an entry of its own, whatever it is told', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    expect(await ask(bench, entriesRequest(3, [1, 1], [3]))).to.include({ success: false });
    bench.answer('n2', unmatched(3));
    await bench.pass(1);
    expect(termsOf(bench)).to.deep.equal([1, 2, 3]);
    expect(bench.disk.groups.filter(({ truncateFrom }) => truncateFrom !== undefined)).to.deep.equal([]);
  });

  it('commits in one round to the fastest majority: a slow follower holds nothing up', async () => {
    const raft = { ...asInThePaper, electionTimeoutMinMs: 2000, electionTimeoutMaxMs: 3000 };
    const simulation = simulate({ nodes: 3, seed: 1, raft, network: { hopMs: [10, 10] } });
    await simulation.until(() => simulation.leader() !== undefined, 10_000);
    const leader = simulation.leader() ?? '';
    const [slow = ''] = simulation.ids.filter((id) => id !== leader);
    await simulation.run(500);
    simulation.network.setLink(leader, slow, { hopMs: [900, 900] });
    simulation.propose(leader, bytes('a'));
    await simulation.run(22);
    expect(simulation.applied(leader).lastApplied).to.equal(1);
    simulation.stop();
  });
});
