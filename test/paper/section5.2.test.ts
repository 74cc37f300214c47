import { expect } from 'chai';
import { simulate } from 'xstate-raft/testing';
import { entriesRequest, harness, matched, voteGranted, voteRequest } from '../unit/runtime/nodeHarness.ts';
import {
  asInThePaper,
  ask,
  lastSent,
  lead,
  paperNode,
  sentOf,
  stand,
  stored,
  voteRefused,
  watchLeaders,
} from './paperBench.ts';

// Section 5.2, leader election: figure 2, "followers".
describe('5.2 a follower', () => {
  it('stays one for as long as it hears a leader within the election timeout', async () => {
    const bench = paperNode(stored(1));
    for (let round = 0; round < 20; round += 1) {
      await ask(bench, entriesRequest(1, [0, 0]));
      await bench.pass(250);
    }
    expect(bench.node.status()).to.include({ role: 'follower', term: 1, leader: 'n2' });
  });

  it('that hears nothing for an election timeout raises its term and stands', async () => {
    const bench = paperNode(stored(4));
    const at = await stand(bench);
    expect(bench.node.status()).to.include({ role: 'candidate', term: 5 });
    expect(at).to.be.within(300, 602);
  });

  it('puts its own election off when it gives its vote', async () => {
    const undisturbed = await stand(paperNode());
    expect(undisturbed, 'or the rest shows nothing').to.be.below(540);
    const bench = paperNode();
    await bench.pass(250);
    expect(await ask(bench, voteRequest(1))).to.include({ voteGranted: true });
    expect(await stand(bench)).to.be.at.least(550);
  });

  it('does not put it off when it refuses its vote', async () => {
    const undisturbed = await stand(paperNode(stored(1, [1])));
    const bench = paperNode(stored(1, [1]));
    await bench.pass(250);
    expect(await ask(bench, voteRequest(2))).to.include({ voteGranted: false });
    expect(await stand(bench)).to.equal(undisturbed);
  });
});

// Section 5.2, leader election: figure 2, "RequestVote RPC".
describe('5.2 a voter', () => {
  it('gives one vote in a term, to who asks first', async () => {
    const bench = paperNode();
    expect(await ask(bench, voteRequest(1, { from: 'n3' }))).to.include({ voteGranted: true });
    expect(await ask(bench, voteRequest(1, { from: 'n2' }))).to.include({ voteGranted: false, term: 1 });
    expect(bench.disk.hardState).to.deep.equal({ term: 1, votedFor: 'n3' });
  });

  it('gives the same candidate the same vote again', async () => {
    const bench = paperNode();
    await ask(bench, voteRequest(1, { from: 'n3' }));
    expect(await ask(bench, voteRequest(1, { from: 'n3' }))).to.include({ voteGranted: true });
  });

  it('has a new vote in each new term', async () => {
    const bench = paperNode();
    await ask(bench, voteRequest(1, { from: 'n3' }));
    expect(await ask(bench, voteRequest(2, { from: 'n2' }))).to.include({ voteGranted: true, term: 2 });
    expect(bench.disk.hardState).to.deep.equal({ term: 2, votedFor: 'n2' });
  });

  it('does not forget its vote over a restart', async () => {
    const first = paperNode();
    await ask(first, voteRequest(1, { from: 'n3' }));
    const restarted = paperNode(first.disk.hardState);
    expect(await ask(restarted, voteRequest(1, { from: 'n2' }))).to.include({ voteGranted: false });
    expect(await ask(restarted, voteRequest(1, { from: 'n3' }))).to.include({ voteGranted: true });
  });

  it('that stands itself has no vote for another', async () => {
    const bench = paperNode();
    await stand(bench);
    expect(await ask(bench, voteRequest(1))).to.include({ voteGranted: false, term: 1 });
  });
});

// Section 5.2, leader election: figure 2, "candidates".
describe('5.2 a candidate', () => {
  it('votes for itself, durably, before it asks others for the same term', async () => {
    const bench = harness({}, asInThePaper);
    await bench.clock.run(1000, () => bench.disk.isWriting);
    expect(bench.disk.hardState).to.deep.equal({ term: 1, votedFor: 'n1' });
    await bench.pass(5);
    expect(sentOf(bench, 'requestVote')).to.deep.equal([]);
    bench.disk.finish();
    await bench.pass(0);
    expect(sentOf(bench, 'requestVote').map(({ term }) => term)).to.deep.equal([1, 1]);
  });

  it('with a majority of votes leads: its own and one of two others', async () => {
    const bench = paperNode();
    await stand(bench);
    expect(bench.node.status().role).to.equal('candidate');
    bench.answer('n3', voteGranted(1, 'n3'));
    await bench.pass(0);
    expect(bench.node.status()).to.include({ role: 'leader', term: 1, leader: 'n1' });
  });

  it('with less than a majority does not: two servers of five elect nobody, three do', async () => {
    const simulation = simulate({ nodes: 5, seed: 1, raft: asInThePaper });
    simulation.network.partition(['n1', 'n2'], ['n3', 'n4', 'n5']);
    const { terms, look } = watchLeaders(simulation);
    await simulation.until(look, 4000);
    expect(simulation.status('n1')?.term, 'terms tried in vain').to.be.above(5);
    simulation.stop();
    const leaders = [...terms.values()].flatMap((led) => [...led]);
    expect(leaders.filter((id) => ['n1', 'n2'].includes(id))).to.deep.equal([]);
    expect(leaders, 'leaders among the three').not.to.be.empty;
  });

  it('gains nothing by a refusal', async () => {
    const bench = paperNode();
    await stand(bench);
    bench.answer('n2', voteRefused(1));
    bench.answer('n3', voteRefused(1, 'n3'));
    await bench.pass(0);
    expect(bench.node.status()).to.include({ role: 'candidate', term: 1 });
  });

  it('follows a leader of its own term', async () => {
    const bench = paperNode();
    await stand(bench);
    expect(await ask(bench, entriesRequest(1, [0, 0]))).to.include({ success: true, term: 1 });
    expect(bench.node.status()).to.include({ role: 'follower', term: 1, leader: 'n2' });
  });

  it('goes on when somebody claims to lead a lower term', async () => {
    const bench = paperNode(stored(1));
    await stand(bench);
    expect(await ask(bench, entriesRequest(1, [0, 0]))).to.include({ success: false, term: 2 });
    expect(bench.node.status()).to.include({ role: 'candidate', term: 2 });
    bench.answer('n2', voteGranted(2));
    await bench.pass(0);
    expect(bench.node.isLeader).to.equal(true);
  });

  it('that nobody elects begins another election in the next term', async () => {
    const bench = paperNode();
    const first = await stand(bench);
    const askedFirst = bench.sent.find(({ to }) => to === 'n3');
    bench.answer('n2', voteRefused(1));
    const second = await stand(bench);
    expect(second - first).to.be.within(300, 602);
    expect(bench.disk.hardState).to.deep.equal({ term: 2, votedFor: 'n1' });
    // A vote that comes late, in answer to the election before, is no vote in this one.
    bench.node.replied(askedFirst?.callId ?? 0, voteGranted(1, 'n3'));
    await bench.pass(0);
    expect(bench.node.isLeader).to.equal(false);
  });
});

// Section 5.2, leader election: figure 2, "leaders".
describe('5.2 a leader', () => {
  it('tells all others at once, with requests of no entries', async () => {
    const bench = paperNode();
    const at = await stand(bench);
    bench.answer('n2', voteGranted(1));
    await bench.pass(0);
    expect(bench.clock.now()).to.equal(at);
    for (const peer of ['n2', 'n3']) {
      expect(lastSent(bench, 'appendEntries', peer)).to.deep.include({
        term: 1,
        from: 'n1',
        prevLogIndex: 0,
      });
      expect(lastSent(bench, 'appendEntries', peer).entries.count).to.equal(0);
    }
  });

  it('repeats them while idle, well within the shortest election timeout', async () => {
    const bench = paperNode();
    await lead(bench);
    for (let round = 0; round < 20; round += 1) {
      for (const peer of ['n2', 'n3']) bench.answer(peer, matched(1, 0, peer));
      const before = ['n2', 'n3'].map((peer) => sentOf(bench, 'appendEntries', peer).length);
      await bench.pass(150);
      const sent = ['n2', 'n3'].map(
        (peer, i) => sentOf(bench, 'appendEntries', peer).length - (before[i] ?? 0),
      );
      expect(Math.min(...sent), `heartbeats in round ${round}`).to.be.at.least(1);
    }
  });

  // With check-quorum, which is the default, it steps down after a while: see the test of the rules.
  it('leads on until it hears of a higher term, however long nobody answers', async () => {
    const bench = paperNode();
    await lead(bench);
    await bench.pass(20_000);
    expect(bench.node.status()).to.include({ role: 'leader', term: 1 });
  });
});
