/** The rules that keep it safe, one by one, on a node whose disk and peers are the test's. */
import { expect } from 'chai';
import { confirmationPatienceMs } from '../../../machines/limits.ts';
import type { AppendEntriesRequest, RaftReply, RaftRequest } from '../../../machines/messages.ts';
import {
  block,
  entriesRequest,
  type Harness,
  harness,
  matched,
  preVoteGranted,
  record,
  voteGranted,
  voteRequest,
} from './nodeHarness.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function sentOf<T extends RaftRequest['type']>({ sent }: Harness, type: T) {
  return sent.flatMap(({ request }) =>
    request.type === type ? [request as Extract<RaftRequest, { type: T }>] : [],
  );
}

describe('durable before said', () => {
  it('holds a vote back until it is durable', async () => {
    const bench = harness();
    const token = bench.receive(voteRequest(3));
    await bench.pass(1);
    expect(bench.disk.hardState).to.deep.equal({ term: 3, votedFor: null });
    expect(bench.replies.has(token), 'a reply before anything is durable').to.equal(false);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.disk.hardState).to.deep.equal({ term: 3, votedFor: 'n2' });
    expect(bench.replies.has(token), 'a reply when the term alone is durable').to.equal(false);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({
      type: 'requestVoteReply',
      term: 3,
      voteGranted: true,
    });
  });

  it('holds a success back until its entries are durable, but not a heartbeat on durable ground', async () => {
    const bench = harness({ term: 1, entries: [block(1, [1])] });
    const entries = bench.receive(entriesRequest(1, [1, 1], [1, 1]));
    const heartbeat = bench.receive(entriesRequest(1, [1, 1]));
    await bench.pass(1);
    expect(bench.replies.get(heartbeat)).to.deep.include({ success: true, matchIndex: 1 });
    expect(bench.replies.has(entries)).to.equal(false);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.get(entries)).to.deep.include({ success: true, matchIndex: 3 });
  });

  it('holds a repeated request back as long as the first', async () => {
    const bench = harness({ term: 1 });
    const first = bench.receive(entriesRequest(1, [0, 0], [1]));
    const second = bench.receive(entriesRequest(1, [0, 0], [1]));
    await bench.pass(1);
    expect([first, second].filter((token) => bench.replies.has(token))).to.deep.equal([]);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.size).to.equal(2);
  });

  it('neither asks for votes nor counts its own before that is durable', async () => {
    const bench = harness();
    await bench.clock.run(1000, () => sentOf(bench, 'preVote').length === 2);
    bench.answer('n2', preVoteGranted(1));
    await bench.pass(5);
    expect(bench.disk.hardState).to.deep.equal({ term: 1, votedFor: 'n1' });
    expect(sentOf(bench, 'requestVote')).to.have.length(0);
    bench.disk.finish();
    await bench.pass(1);
    expect(sentOf(bench, 'requestVote')).to.have.length(2);
    expect(bench.node.isLeader, 'leader by its own vote alone').to.equal(false);
    bench.answer('n3', voteGranted(1, 'n3'));
    await bench.pass(1);
    expect(bench.node.isLeader).to.equal(true);
  });

  it('counts own entries towards a majority only once they are durable', async () => {
    const bench = harness();
    await bench.elect();
    bench.answer('n2', matched(1, 0));
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    bench.answer('n2', matched(1, 1));
    await bench.pass(1);
    expect(bench.node.log.commitIndex, 'committed by one durable copy').to.equal(0);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(1);
  });

  it('takes no word of durability from a write that a truncation overtook', async () => {
    const bench = harness({ term: 1 });
    bench.receive(entriesRequest(1, [0, 0], [1, 1, 1]));
    await bench.pass(1);
    bench.receive(voteRequest(2, { from: 'n3', leadershipTransfer: true }));
    await bench.pass(1);
    bench.disk.finish();
    await bench.pass(1);
    // The new term alone is being written when its leader replaces entries 2 and 3.
    const token = bench.receive(entriesRequest(2, [1, 1], [2, 2]));
    await bench.pass(1);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.disk.isWriting, 'the new entries are being written').to.equal(true);
    expect(bench.disk.groups.at(-1)).to.deep.include({ truncateFrom: 2 });
    expect(bench.replies.has(token), 'success on the word of a write before').to.equal(false);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({ success: true, matchIndex: 3 });
  });

  it('gives the disk nothing of what follows a truncation before the truncation', async () => {
    const bench = harness({ term: 1, entries: [block(1, [1, 1, 1])] });
    // A higher term and a conflict in one request: the term is written first, and the log has changed by then.
    const token = bench.receive(entriesRequest(2, [1, 1], [2, 2, 2, 2]));
    await bench.pass(1);
    expect(bench.disk.groups).to.deep.equal([{ hardState: { term: 2, votedFor: null } }]);
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.disk.groups.at(-1)).to.deep.include({ truncateFrom: 2 });
    expect(bench.disk.groups.at(-1)?.entries).to.include({ firstIndex: 2, count: 4 });
    bench.disk.finish();
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({ success: true, matchIndex: 5 });
  });

  it('takes a promised success back when a higher term comes before it could leave', async () => {
    const bench = harness({ term: 1 });
    const token = bench.receive(entriesRequest(1, [0, 0], [1, 1]));
    await bench.pass(1);
    bench.receive(entriesRequest(2, [0, 0], [2], { from: 'n3' }));
    await bench.pass(1);
    while (bench.disk.isWriting) {
      bench.disk.finish();
      await bench.pass(1);
    }
    expect(bench.replies.get(token)).to.deep.include({ success: false, term: 2 });
  });

  it('says nothing more after a failed write, and does not write again', async () => {
    const bench = harness({ term: 1 });
    const failures: Error[] = [];
    bench.node.events.on('storageFailed', ({ error }) => failures.push(error));
    const token = bench.receive(entriesRequest(1, [0, 0], [1]));
    await bench.pass(1);
    bench.disk.finish(new Error('EIO'));
    await bench.pass(1);
    const writes = bench.disk.groups.length;
    const late = bench.receive(voteRequest(9));
    await bench.pass(2000);
    expect(failures.map(({ message }) => message)).to.deep.equal(['EIO']);
    expect(bench.replies.has(token) || bench.replies.has(late)).to.equal(false);
    expect(bench.disk.groups.length).to.equal(writes);
    expect(bench.sent, 'requests of a node without a disk').to.deep.equal([]);
  });
});

describe('term first', () => {
  it('makes a leader a follower of a higher term, and refuses a lower one with its own', async () => {
    const bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    bench.receive(entriesRequest(5, [0, 0]));
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'follower', term: 5, leader: 'n2' });
    const token = bench.receive(entriesRequest(4, [0, 0], [], { from: 'n3' }));
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({ success: false, term: 5 });
    expect(bench.node.status().leader).to.equal('n2');
  });

  it('lets a pre-vote change no term, granted or not', async () => {
    const bench = harness({ term: 2 });
    const about = { group: 0, from: 'n2', lastLogIndex: 5, lastLogTerm: 2 };
    const granted = bench.receive({ type: 'preVote', term: 3, ...about });
    const refused = bench.receive({ type: 'preVote', term: 1, ...about });
    await bench.pass(1);
    expect(bench.node.term).to.equal(2);
    expect(bench.replies.get(granted)).to.deep.include({ term: 3, voteGranted: true });
    expect(bench.replies.get(refused)).to.deep.include({ term: 2, voteGranted: false });
  });

  it('grants no pre-vote for a term in which it voted for another, and tells of the term', async () => {
    const bench = harness({ term: 3, votedFor: 'n3' });
    const about = { type: 'preVote', group: 0, lastLogIndex: 5, lastLogTerm: 2 } as const;
    const another = bench.receive({ ...about, term: 3, from: 'n2' });
    const same = bench.receive({ ...about, term: 3, from: 'n3' });
    const next = bench.receive({ ...about, term: 4, from: 'n2' });
    await bench.pass(1);
    const granted = [another, same, next].map((token) => bench.replies.get(token));
    expect(granted[0]).to.deep.include({ term: 3, voteGranted: false });
    expect(granted[1]).to.deep.include({ term: 3, voteGranted: true });
    expect(granted[2]).to.deep.include({ term: 4, voteGranted: true });
  });

  it('takes the term of a refused pre-vote over, so as to ask for the next', async () => {
    const bench = harness({ term: 2 });
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => sentOf(bench, 'preVote').length === 2);
    expect(sentOf(bench, 'preVote')[0]).to.include({ term: 3 });
    bench.answer('n2', { ...preVoteGranted(3), voteGranted: false } as RaftReply);
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'follower', term: 3 });
    await bench.clock.run(3000, () => sentOf(bench, 'preVote').length === 4);
    expect(sentOf(bench, 'preVote').at(-1)).to.include({ term: 4 });
  });

  it('turns a vote request away while the leader lives, without taking its term; a transfer overrides', async () => {
    const bench = harness({ term: 1 });
    bench.disk.isFast = true;
    bench.receive(entriesRequest(1, [0, 0]));
    await bench.pass(100);
    const disturbing = bench.receive(voteRequest(7, { from: 'n3' }));
    await bench.pass(1);
    expect(bench.replies.get(disturbing)).to.deep.include({ voteGranted: false, term: 1 });
    expect(bench.node.term).to.equal(1);
    const transfer = bench.receive(voteRequest(7, { from: 'n3', leadershipTransfer: true }));
    await bench.pass(1);
    expect(bench.replies.get(transfer)).to.deep.include({ voteGranted: true, term: 7 });
  });

  it('drops votes of an earlier candidacy', async () => {
    const bench = harness();
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => sentOf(bench, 'preVote').length === 2);
    bench.answer('n2', preVoteGranted(1));
    await bench.pass(0);
    const old = bench.sent.filter(({ request }) => request.type === 'requestVote');
    expect(old).to.have.length(2);
    // Nobody answers: it asks again whether to stand, and stands in the next term.
    await bench.clock.run(3000, () => bench.node.status().role === 'preCandidate');
    bench.answer('n2', preVoteGranted(2));
    await bench.pass(0);
    expect(bench.node.status()).to.include({ role: 'candidate', term: 2 });
    for (const { callId, to } of old) bench.node.replied(callId, voteGranted(1, to));
    await bench.pass(1);
    expect(bench.node.status()).to.include({ role: 'candidate', term: 2 });
  });

  it('asks again whoever has not answered, as long as it stands', async () => {
    const bench = harness({}, { preVote: false });
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => sentOf(bench, 'requestVote').length === 2);
    const [first] = bench.sent;
    await bench.pass(99);
    expect(bench.sent.length, 'within a heartbeat').to.equal(2);
    await bench.pass(1);
    expect(bench.sent.slice(2).map(({ to, request }) => [to, request.term])).to.deep.equal([
      ...[
        ['n2', 1],
        ['n3', 1],
      ],
    ]);
    // The answer to the first request counts as that to the second would.
    bench.node.replied(first?.callId ?? 0, voteGranted(1, first?.to ?? ''));
    await bench.pass(0);
    expect(bench.node.isLeader).to.equal(true);
  });

  it('gathers pre-votes for as long as it asks for the same term', async () => {
    const five = { voters: ['n1', 'n2', 'n3', 'n4', 'n5'], learners: [] };
    const bench = harness({}, {}, five);
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => sentOf(bench, 'preVote').length === 4);
    bench.answer('n2', preVoteGranted(1));
    await bench.pass(2000);
    expect(new Set(bench.sent.slice(4).map(({ to }) => to))).to.deep.equal(new Set(['n3', 'n4', 'n5']));
    bench.answer('n3', preVoteGranted(1, 'n3'));
    await bench.pass(0);
    expect(bench.node.status()).to.include({ role: 'candidate', term: 1 });
  });

  it('takes a reply only from the one who was asked', async () => {
    const bench = harness();
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => sentOf(bench, 'preVote').length === 2);
    const [call] = bench.sent;
    bench.node.replied(call?.callId ?? 0, preVoteGranted(1, 'n9'));
    await bench.pass(1);
    expect(bench.node.status().role).to.equal('preCandidate');
  });
});

describe('elections', () => {
  const log = { term: 3, entries: [block(1, [1, 3, 3])] };
  for (const [about, isGranted] of [
    [{ lastLogIndex: 3, lastLogTerm: 3 }, true],
    [{ lastLogIndex: 2, lastLogTerm: 3 }, false],
    [{ lastLogIndex: 9, lastLogTerm: 2 }, false],
    [{ lastLogIndex: 1, lastLogTerm: 4 }, true],
  ] as const) {
    const word = isGranted ? 'grants' : 'refuses';
    it(`${word} a log that ends at ${about.lastLogIndex} in term ${about.lastLogTerm} against 3 in term 3`, async () => {
      const bench = harness(log);
      bench.disk.isFast = true;
      const token = bench.receive(voteRequest(5, about));
      await bench.pass(1);
      expect(bench.replies.get(token)).to.deep.include({ voteGranted: isGranted, term: 5 });
    });
  }

  it('votes once in a term, for the same candidate again, also after a restart', async () => {
    const bench = harness({ term: 4, votedFor: 'n3' });
    bench.disk.isFast = true;
    const other = bench.receive(voteRequest(4));
    const same = bench.receive(voteRequest(4, { from: 'n3' }));
    await bench.pass(1);
    expect(bench.replies.get(other)).to.deep.include({ voteGranted: false });
    expect(bench.replies.get(same)).to.deep.include({ voteGranted: true });
  });

  it('does not wait longer for a leader because a candidate that it refused has a higher term', async () => {
    const quiet = harness({ term: 1, entries: [block(1, [1])] });
    await quiet.clock.run(1000, () => quiet.sent.length > 0);
    const disturbed = harness({ term: 1, entries: [block(1, [1])] });
    disturbed.disk.isFast = true;
    await disturbed.pass(250);
    disturbed.receive(voteRequest(2));
    await disturbed.clock.run(1000, () => disturbed.sent.length > 0);
    expect(disturbed.clock.now()).to.equal(quiet.clock.now());
  });

  it('steps down when no majority answers any more', async () => {
    const bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    expect(bench.node.isLeader).to.equal(true);
    await bench.pass(1500);
    expect(bench.node.status()).to.include({ leader: null, term: 1 });
    expect(bench.node.isLeader).to.equal(false);
  });
});

describe('replication', () => {
  it('commits entries of an earlier term only along with one of its own (figure 8)', async () => {
    const bench = harness({ term: 2, entries: [block(1, [1, 2])] });
    await bench.elect();
    expect(bench.node.term).to.equal(3);
    bench.disk.isFast = true;
    bench.answer('n2', matched(3, 2));
    bench.answer('n3', matched(3, 2, 'n3'));
    await bench.pass(5);
    expect(bench.node.log.commitIndex, 'committed by counting copies of an old term').to.equal(0);
    expect(bench.node.propose(bytes('own')).index).to.equal(3);
    await bench.pass(1);
    bench.answer('n3', matched(3, 3, 'n3'));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(3);
  });

  it('answers a gap with the end of its log, and a conflict with the first index of the conflicting term', async () => {
    const bench = harness({ term: 5, entries: [block(1, [1, 4, 4, 4])] });
    bench.disk.isFast = true;
    const gap = bench.receive(entriesRequest(6, [9, 6]));
    const conflict = bench.receive(entriesRequest(6, [4, 5]));
    await bench.pass(1);
    expect(bench.replies.get(gap)).to.deep.include({ success: false, conflictIndex: 5, conflictTerm: 0 });
    expect(bench.replies.get(conflict)).to.deep.include({
      success: false,
      conflictIndex: 2,
      conflictTerm: 4,
    });
  });

  it('backs up over a whole conflicting term in one round (figure 7f)', async () => {
    const bench = harness({ term: 7, entries: [block(1, [1, 1, 1, 4, 4, 5, 5, 6, 6, 6])] });
    await bench.elect();
    bench.disk.isFast = true;
    const latest = () =>
      bench.sent.findLast(({ to, request }) => to === 'n2' && request.type === 'appendEntries')
        ?.request as AppendEntriesRequest;
    expect(latest()).to.include({ prevLogIndex: 10, prevLogTerm: 6 });
    const refusal = (conflictIndex: number, conflictTerm: number): RaftReply => ({
      ...matched(8, 0),
      ...{ success: false, conflictIndex, conflictTerm },
    });
    // The follower's log is 1 1 1 2 2 2 3 3 3 3 3.
    bench.answer('n2', refusal(7, 3));
    await bench.pass(0);
    expect(latest()).to.include({ prevLogIndex: 6, prevLogTerm: 5 });
    bench.answer('n2', refusal(4, 2));
    await bench.pass(0);
    expect(latest()).to.include({ prevLogIndex: 3, prevLogTerm: 1 });
    expect(latest().entries.count).to.equal(7);
    bench.answer('n2', matched(8, 10));
    await bench.pass(1);
    expect(bench.node.status().matchIndex).to.deep.equal({ n2: 10 });
  });

  it('keeps what follows when an older request comes late', async () => {
    const bench = harness({ term: 1 });
    bench.disk.isFast = true;
    bench.receive(entriesRequest(1, [0, 0], [1, 1, 1]));
    bench.receive(entriesRequest(1, [0, 0], [1]));
    await bench.pass(1);
    expect(bench.node.log.lastIndex).to.equal(3);
  });

  it('commits no further than the request has shown to agree', async () => {
    const bench = harness({ term: 1, entries: [block(1, [1, 1, 1])] });
    bench.disk.isFast = true;
    bench.receive(entriesRequest(2, [1, 1], [], { leaderCommit: 3 }));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(1);
  });

  it('keeps a bounded number of requests in flight, and heartbeats without waiting for a slot', async () => {
    const bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    bench.answer('n2', matched(1, 0));
    const before = bench.sent.length;
    for (let i = 0; i < 10; i += 1) {
      bench.node.propose(bytes('x'));
      await bench.pass(0);
    }
    const toN2 = bench.sent.slice(before).filter(({ to }) => to === 'n2');
    expect(toN2.length, 'requests under way to one follower').to.be.within(2, 4);
    // Nobody answers: the slots come back after about a heartbeat, and what is known to agree is where it goes on.
    const silent = bench.sent.length;
    await bench.pass(120);
    const again = bench.sent
      .slice(silent)
      .flatMap(({ to, request }) => (to === 'n2' && request.type === 'appendEntries' ? [request] : []))
      .find(({ entries }) => entries.count > 0);
    expect(again).to.deep.include({ prevLogIndex: 0 });
  });

  it('counts a late reply of the same leadership, and never lets matchIndex fall', async () => {
    const bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    bench.answer('n2', matched(1, 0));
    bench.node.propose(bytes('a'));
    await bench.pass(1);
    const call = bench.sent.findLast(({ to }) => to === 'n2')?.callId ?? 0;
    await bench.pass(250);
    bench.node.replied(call, matched(1, 1));
    await bench.pass(1);
    expect(bench.node.status().matchIndex.n2).to.equal(1);
    bench.answer('n2', matched(1, 0));
    await bench.pass(1);
    expect(bench.node.status().matchIndex.n2).to.equal(1);
  });
});

describe('read index', () => {
  it('waits for an entry of its own term, and proposes one if there is none', async () => {
    const bench = harness({ term: 1, entries: [block(1, [1])] });
    const confirmed = record(bench.node.streams.readConfirmed$);
    await bench.elect();
    bench.disk.isFast = true;
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    expect(bench.node.log.lastIndex, 'with an entry of Raft’s own').to.equal(2);
    bench.answer('n2', matched(2, 2));
    await bench.pass(1);
    expect(confirmed, 'before a round that began after the request').to.deep.equal([]);
    bench.answer('n2', matched(2, 2, 'n2', 1));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([{ tokens: [1], readIndex: 2 }]);
  });

  it('confirms all that wait with one round, and takes no answer of an earlier round for it', async () => {
    const bench = harness({}, { noopAtTermStart: true });
    const confirmed = record(bench.node.streams.readConfirmed$);
    await bench.elect();
    bench.disk.finish();
    bench.disk.isFast = true;
    bench.answer('n2', matched(1, 1));
    await bench.pass(1);
    bench.node.requestReadIndex(1);
    bench.node.requestReadIndex(2);
    bench.node.requestReadIndex(3);
    await bench.pass(1);
    bench.answer('n3', matched(1, 1, 'n3', 0));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([]);
    bench.answer('n2', matched(1, 1, 'n2', 1));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([{ tokens: [1], readIndex: 1 }]);
    bench.answer('n3', matched(1, 1, 'n3', 2));
    await bench.pass(1);
    expect(confirmed.at(-1)).to.deep.equal({ tokens: [2, 3], readIndex: 1 });
  });

  it('asks as many as a majority needs, all when they are silent, and the next time who answered soonest', async () => {
    const bench = harness({}, { noopAtTermStart: true });
    const confirmed = record(bench.node.streams.readConfirmed$);
    await bench.elect();
    bench.disk.isFast = true;
    await bench.pass(1);
    for (const peer of ['n2', 'n3']) bench.answer(peer, matched(1, 1, peer));
    await bench.pass(20);
    let told = bench.sent.length;
    /** Who has been asked since the last look. */
    const asked = async (ms: number) => {
      await bench.pass(ms);
      const peers = bench.sent.slice(told).map(({ to }) => to);
      told = bench.sent.length;
      return peers;
    };
    bench.node.requestReadIndex(1);
    expect(await asked(confirmationPatienceMs - 1)).to.deep.equal(['n2']);
    expect(await asked(1)).to.deep.equal(['n2', 'n3']);
    bench.answer('n3', matched(1, 1, 'n3', 1));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([{ tokens: [1], readIndex: 1 }]);
    bench.node.requestReadIndex(2);
    expect(await asked(1), 'n2 is silent').to.deep.equal(['n3']);
    await bench.pass(confirmationPatienceMs);
    bench.answer('n2', matched(1, 1, 'n2', 2));
    bench.answer('n3', matched(1, 1, 'n3', 2));
    await asked(1);
    bench.node.requestReadIndex(3);
    expect(await asked(1), 'n2 was as soon as n3, and stands before it').to.deep.equal(['n2']);
  });

  it('is refused by a follower, and by a leader that steps down', async () => {
    const bench = harness();
    const confirmed = record(bench.node.streams.readConfirmed$);
    bench.node.requestReadIndex(1);
    await bench.elect();
    bench.node.requestReadIndex(2);
    bench.receive(entriesRequest(9, [0, 0]));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([
      { tokens: [1], readIndex: null },
      { tokens: [2], readIndex: null },
    ]);
  });
});
