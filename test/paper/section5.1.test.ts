import { expect } from 'chai';
import type { InstallSnapshotRequest } from '../../machines/messages.ts';
import {
  entriesRequest,
  type Harness,
  harness,
  matched,
  voteGranted,
  voteRequest,
} from '../unit/runtime/nodeHarness.ts';
import {
  asInThePaper,
  ask,
  bytes,
  lastSent,
  lead,
  paperNode,
  sentOf,
  stand,
  stored,
  termsOf,
  unmatched,
  voteRefused,
} from './paperBench.ts';

const snapshotRequest = (term: number): InstallSnapshotRequest => ({
  ...{ type: 'installSnapshot', group: 0, term, from: 'n2', lastIncludedIndex: 9, lastIncludedTerm: 1 },
  ...{ offset: 0, data: bytes('state'), done: true },
});

// Section 5.1, Raft basics: roles.
describe('5.1 servers', () => {
  it('begin as followers, in the term that they had stored', () => {
    const bench = paperNode(stored(7, [1, 5]));
    expect(bench.node.status()).to.include({ role: 'follower', term: 7, leader: null });
  });

  it('ask nothing of anyone while they follow', async () => {
    const bench = paperNode(stored(1));
    for (let round = 0; round < 10; round += 1) {
      await ask(bench, entriesRequest(1, [0, 0]));
      await bench.pass(298);
    }
    expect(bench.sent).to.deep.equal([]);
  });

  it('take no command while they follow, and know who does', async () => {
    const bench = paperNode(stored(1, [1]));
    await ask(bench, entriesRequest(1, [1, 1]));
    expect(bench.node.propose(bytes('a'))).to.include({ isLeader: false });
    expect(bench.node.status().leader).to.equal('n2');
    expect(termsOf(bench)).to.deep.equal([1]);
  });

  it('ask all others at once, before any of them has answered', async () => {
    const bench = paperNode();
    await stand(bench);
    expect(bench.sent.map(({ to }) => to)).to.have.members(['n2', 'n3']);
    bench.answer('n2', voteGranted(1));
    await bench.pass(0);
    expect(bench.sent.slice(2).map(({ to }) => to)).to.have.members(['n2', 'n3']);
  });

  it('ask again when no answer comes: a leader its followers', async () => {
    const bench = paperNode();
    await lead(bench);
    for (let round = 2; round < 6; round += 1) {
      await bench.pass(105);
      expect(sentOf(bench, 'appendEntries', 'n3').length, 'requests to the silent n3').to.be.at.least(round);
    }
  });

  it('ask again when no answer comes: a candidate those who have not answered', async () => {
    const bench = paperNode();
    await stand(bench);
    bench.answer('n2', voteRefused(1));
    await bench.pass(205);
    expect(sentOf(bench, 'requestVote', 'n3').map(({ term }) => term)).to.deep.equal([1, 1, 1]);
    expect(sentOf(bench, 'requestVote', 'n2'), 'who refused').to.have.length(1);
  });

  it('ask again when no answer comes: a candidate in its next term', async () => {
    const bench = paperNode();
    for (let term = 1; term <= 3; term += 1) await stand(bench);
    const terms = sentOf(bench, 'requestVote', 'n3').map(({ term }) => term);
    expect([...new Set(terms)]).to.deep.equal([1, 2, 3]);
  });
});

// Section 5.1, Raft basics: terms as a logical clock; figure 2, "all servers" and the first rule of each receiver.
describe('5.1 terms', () => {
  const roles: Record<string, (bench: Harness) => Promise<unknown>> = {
    follower: async () => {},
    candidate: stand,
    leader: lead,
  };

  for (const [role, become] of Object.entries(roles)) {
    it(`a higher term in a request makes a ${role} take it over, durably, and follow`, async () => {
      const bench = paperNode(stored(1));
      await become(bench);
      expect(bench.node.status().role).to.equal(role);
      const reply = await ask(bench, entriesRequest(9, [0, 0], [], { from: 'n3' }));
      expect(bench.node.status()).to.include({ role: 'follower', term: 9, leader: 'n3' });
      expect(bench.disk.hardState).to.deep.equal({ term: 9, votedFor: null });
      expect(reply.term).to.equal(9);
    });
  }

  it('a higher term in a reply makes a candidate take it over and follow', async () => {
    const bench = paperNode();
    await stand(bench);
    bench.answer('n2', voteRefused(6));
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'follower', term: 6 });
    expect(bench.disk.hardState).to.deep.equal({ term: 6, votedFor: null });
  });

  it('a higher term in a reply makes a leader take it over and follow', async () => {
    const bench = paperNode();
    await lead(bench);
    bench.answer('n3', unmatched(6, 'n3'));
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'follower', term: 6 });
    expect(bench.node.propose(bytes('a')).isLeader).to.equal(false);
  });

  // Not the paper's: while a leader is heard, a vote request of a higher term is turned away (dissertation, 4.2.3).
  it('a vote request of a higher term makes a follower take it over once the leader has gone silent', async () => {
    const bench = paperNode(stored(1));
    await ask(bench, entriesRequest(1, [0, 0]));
    expect(await ask(bench, voteRequest(2, { from: 'n3' }))).to.include({ term: 1, voteGranted: false });
    await bench.pass(299);
    expect(await ask(bench, voteRequest(2, { from: 'n3' }))).to.include({ term: 2, voteGranted: true });
  });

  for (const stale of [
    voteRequest(4),
    entriesRequest(4, [1, 1], [4], { leaderCommit: 1 }),
    snapshotRequest(4),
  ]) {
    it(`${stale.type} of a lower term is refused with the current term, and changes nothing`, async () => {
      const bench = paperNode(stored(5, [1]));
      const before = bench.node.status();
      const reply = await ask(bench, stale);
      expect(reply).to.include({ type: `${stale.type}Reply`, term: 5 });
      expect({ success: false, voteGranted: false, installed: false, ...reply }).to.include({
        ...{ success: false, voteGranted: false, installed: false },
      });
      expect(bench.node.status()).to.deep.equal(before);
      expect(bench.disk.groups).to.deep.equal([]);
    });
  }

  it('a leader of a lower term puts no election off', async () => {
    const undisturbed = await stand(paperNode(stored(5)));
    const bench = paperNode(stored(5));
    await bench.pass(250);
    await ask(bench, entriesRequest(4, [0, 0]));
    expect(await stand(bench)).to.equal(undisturbed);
  });

  it('a reply that speaks of an earlier term counts for nothing', async () => {
    const candidate = paperNode(stored(3));
    await stand(candidate);
    candidate.answer('n2', voteGranted(3));
    await candidate.pass(1);
    expect(candidate.node.isLeader, 'leader of term 4 by a vote in term 3').to.equal(false);

    const leader = paperNode(stored(3));
    await lead(leader);
    leader.node.propose(bytes('a'));
    await leader.pass(1);
    leader.answer('n2', matched(3, 1));
    await leader.pass(1);
    expect(leader.node.log.commitIndex, 'committed in term 4 by a word of term 3').to.equal(0);
  });

  it('every request and every reply carries the current term', async () => {
    const bench = paperNode(stored(3));
    await stand(bench);
    await stand(bench);
    const terms = sentOf(bench, 'requestVote').map(({ term }) => term);
    expect([...new Set(terms)]).to.deep.equal([4, 5]);
    bench.answer('n2', voteGranted(5));
    await bench.pass(1);
    expect(lastSent(bench, 'appendEntries').term).to.equal(5);
    const replies = [await ask(bench, entriesRequest(2, [0, 0])), await ask(bench, snapshotRequest(2))];
    expect(replies.map(({ term }) => term)).to.deep.equal([5, 5]);
  });

  it('a term is durable before anything is said in it', async () => {
    const bench = harness(stored(1), asInThePaper);
    const token = bench.receive(entriesRequest(2, [0, 0]));
    await bench.pass(1);
    expect(bench.replies.has(token), 'a reply in a term that a crash would forget').to.equal(false);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.disk.hardState).to.deep.equal({ term: 2, votedFor: null });
    expect(bench.replies.get(token)).to.include({ term: 2, success: true });
  });

  it('a term never falls, not by a restart either', async () => {
    const bench = paperNode(stored(2));
    await ask(bench, entriesRequest(8, [0, 0]));
    await ask(bench, entriesRequest(5, [0, 0]));
    expect(bench.node.term).to.equal(8);
    const restarted = paperNode(bench.disk.hardState);
    expect(await ask(restarted, entriesRequest(7, [0, 0]))).to.include({ success: false, term: 8 });
  });
});
