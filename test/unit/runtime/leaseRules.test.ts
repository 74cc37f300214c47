/** The rules of reads under a lease, on a node whose disk and peers are the test's. */
import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { RaftOptions } from '../../../machines/raft.context.ts';
import type { ReadConfirmed } from '../../../machines/streams.ts';
import { createNode } from '../../../runtime/createNode.ts';
import { InvalidArgument } from '../../../runtime/errors.ts';
import {
  entriesRequest,
  type Harness,
  harness,
  matched,
  preVoteGranted,
  record,
  voteGranted,
  voteRequest,
} from './nodeHarness.ts';

const electionTimeoutMinMs = 300;
const leaseMs = electionTimeoutMinMs * 0.9;

interface Leading extends Harness {
  readonly confirmed: readonly ReadConfirmed[];
  /** Asks for a read and returns what was answered at once. */
  read(): Promise<readonly ReadConfirmed[]>;
  /** The latest round that a peer was asked to confirm. */
  round(): number;
  /** The peer that was asked last answers the latest round: with the leader's own word, that is a majority. */
  answerRound(): Promise<void>;
}

/** The leader of term 1, whose first entry is committed. */
async function leading(raft: Partial<RaftOptions> = {}): Promise<Leading> {
  const bench = harness({}, { leaseReads: true, noopAtTermStart: true, ...raft });
  const confirmed = record(bench.node.streams.readConfirmed$);
  await bench.elect();
  bench.disk.finish();
  bench.disk.isFast = true;
  bench.answer('n2', matched(bench.node.term, 1));
  await bench.pass(0);
  expect(bench.node.log.commitIndex).to.equal(1);
  let tokens = 0;
  const asked = () =>
    bench.sent
      .flatMap(({ to, request }) => (request.type === 'appendEntries' ? [{ to, round: request.round }] : []))
      .reduce((latest, item) => (item.round >= latest.round ? item : latest));
  const round = () => asked().round;
  return {
    ...{ ...bench, confirmed, round },
    async read() {
      const before = confirmed.length;
      tokens += 1;
      bench.node.requestReadIndex(tokens);
      await bench.pass(0);
      return confirmed.slice(before);
    },
    async answerRound() {
      const { to, round } = asked();
      bench.answer(to, matched(bench.node.term, bench.node.log.lastIndex, to, round));
      await bench.pass(0);
    },
  };
}

describe('a lease', () => {
  it('begins with a round that a majority answered, and answers reads without another', async () => {
    const bench = await leading();
    expect(await bench.read()).to.deep.equal([]);
    await bench.answerRound();
    expect(bench.confirmed).to.deep.equal([{ tokens: [1], readIndex: 1 }]);
    const { length } = bench.sent;
    expect(await bench.read()).to.deep.equal([{ tokens: [2], readIndex: 1 }]);
    expect(bench.sent.length, 'messages for the second read').to.equal(length);
  });

  it('answers with what is committed at that moment', async () => {
    const bench = await leading();
    await bench.read();
    await bench.answerRound();
    bench.node.propose(new Uint8Array(1));
    await bench.pass(0);
    expect(await bench.read()).to.deep.equal([{ tokens: [2], readIndex: 1 }]);
    bench.answer('n2', matched(1, 2, 'n2', bench.round()));
    await bench.pass(0);
    expect(await bench.read()).to.deep.equal([{ tokens: [3], readIndex: 2 }]);
  });

  it('answers, once it begins, those who came while the round was under way, in the order of asking', async () => {
    const bench = await leading();
    await bench.read();
    await bench.read();
    await bench.answerRound();
    await bench.read();
    expect(bench.confirmed.flatMap(({ tokens }) => tokens)).to.deep.equal([1, 2, 3]);
    expect(bench.round(), 'rounds').to.equal(1);
  });

  it('is counted from when the round was sent, and not from its answers', async () => {
    const bench = await leading();
    await bench.read();
    await bench.pass(60);
    await bench.answerRound();
    await bench.pass(leaseMs - 60 - 1);
    expect(await bench.read(), 'just before its end').to.have.length(1);
    await bench.pass(1);
    expect(await bench.read(), 'at its end').to.have.length(0);
    await bench.answerRound();
    expect(bench.confirmed.at(-1)).to.deep.equal({ tokens: [3], readIndex: 1 });
    expect(await bench.read(), 'renewed by the round').to.have.length(1);
  });

  it('is not lengthened by later answers to the same round', async () => {
    const bench = await leading();
    await bench.read();
    await bench.answerRound();
    for (let ms = 0; ms < leaseMs; ms += 90) {
      await bench.pass(90);
      await bench.answerRound();
    }
    expect(await bench.read()).to.have.length(0);
  });

  it('is shorter the further clocks may lie apart', async () => {
    const bench = await leading({ clockDriftMax: 0.5 });
    await bench.read();
    await bench.answerRound();
    await bench.pass(electionTimeoutMinMs / 2 - 1);
    expect(await bench.read()).to.have.length(1);
    await bench.pass(1);
    expect(await bench.read()).to.have.length(0);
  });

  it('is not what answers reads unless that is asked for', async () => {
    const bench = await leading({ leaseReads: false });
    await bench.read();
    await bench.answerRound();
    expect(await bench.read()).to.have.length(0);
  });

  it('is given up, for the rest of the term, before another node is asked to stand', async () => {
    const bench = await leading();
    await bench.read();
    await bench.answerRound();
    bench.node.tell('raft', { type: 'transferAsked', to: 'n2' });
    await bench.pass(0);
    expect(bench.sent.at(-1)?.request.type).to.equal('timeoutNow');
    expect(await bench.read(), 'in the middle of the transfer').to.have.length(0);
    await bench.answerRound();
    // n2 does not stand, and this node leads on.
    for (let ms = 0; ms < 700; ms += 100) {
      await bench.pass(100);
      await bench.answerRound();
    }
    expect(bench.node.isLeader).to.equal(true);
    expect(await bench.read()).to.have.length(0);
    await bench.answerRound();
    expect(await bench.read(), 'after a round of later').to.have.length(0);
  });

  it('is of one term, held or given up, though the same node leads the next but one', async () => {
    const bench = await leading();
    await bench.read();
    await bench.answerRound();
    bench.node.tell('raft', { type: 'transferAsked', to: 'n2' });
    bench.receive(entriesRequest(2, [1, 1], [2], { leaderCommit: 2 }));
    bench.receive({ type: 'timeoutNow', group: 0, term: 2, from: 'n2' });
    await bench.pass(0);
    bench.answer('n3', voteGranted(3, 'n3'));
    await bench.pass(0);
    expect(bench.node.status()).to.include({ role: 'leader', term: 3 });
    bench.answer('n3', matched(3, 3, 'n3'));
    await bench.pass(0);
    expect(bench.node.log.commitIndex, 'of term 3').to.equal(3);
    expect(bench.clock.now(), 'while the first lease would hold').to.be.below(600 + leaseMs);
    expect(await bench.read()).to.have.length(0);
    bench.answer('n2', matched(3, 3, 'n2', 1));
    await bench.pass(0);
    expect(await bench.read(), 'after a round of this term').to.have.length(1);
  });

  it('answers nothing before an entry of the term is committed', async () => {
    const bench = harness({}, { leaseReads: true, noopAtTermStart: true });
    const confirmed = record(bench.node.streams.readConfirmed$);
    await bench.elect();
    bench.disk.isFast = true;
    bench.node.requestReadIndex(1);
    bench.answer('n2', matched(1, 0));
    await bench.pass(1);
    expect(confirmed).to.deep.equal([]);
  });

  it('needs a leader that steps down without a majority, and clocks that go on', () => {
    const make = (raft: Partial<RaftOptions>) => () => harness({}, { leaseReads: true, ...raft });
    expect(make({ checkQuorum: false })).to.throw('leaseReads is on and checkQuorum is off');
    for (const clockDriftMax of [-0.1, 1, Number.NaN]) {
      expect(make({ clockDriftMax })).to.throw(`clockDriftMax is ${clockDriftMax}`);
    }
  });
});

describe('a node that is asked for leases without what they need', () => {
  it('is not made, and nothing of it is left', async () => {
    const above = await mkdtemp(path.join(os.tmpdir(), 'lease-'));
    const data = path.join(above, 'n1');
    let error: unknown;
    await createNode({
      ...{ clusterId: 'c', id: 'n1', members: { n1: { host: '127.0.0.1', port: 0 } }, data },
      service: () => expect.fail('a service was made'),
      raft: { leaseReads: true, checkQuorum: false },
    }).catch((thrown) => {
      error = thrown;
    });
    expect(error).to.be.instanceOf(InvalidArgument);
    expect(await readdir(above)).to.deep.equal([]);
    await rmdir(above);
  });
});

describe('what a lease rests on', () => {
  const about = { group: 0, from: 'n2', lastLogIndex: 5, lastLogTerm: 2 };

  /** Whether a vote and a pre-vote are granted now, by nodes that are not asked anything else. */
  async function grants(bench: Harness): Promise<boolean[]> {
    bench.disk.isFast = true;
    const term = bench.node.term + 1;
    const preVote = bench.receive({ type: 'preVote', term, ...about });
    const vote = bench.receive(voteRequest(term, about));
    await bench.pass(0);
    return [preVote, vote].map((token) => {
      const reply = bench.replies.get(token);
      return reply !== undefined && 'voteGranted' in reply && reply.voteGranted;
    });
  }

  for (const [word, leaseReads] of [
    ['votes for nobody', true],
    ['votes at once where no lease rests on it', false],
  ] as const) {
    it(`a node that has just started ${word}`, async () => {
      const bench = harness({ term: 1 }, { leaseReads });
      await bench.pass(electionTimeoutMinMs - 1);
      expect(await grants(bench)).to.deep.equal([!leaseReads, !leaseReads]);
    });
  }

  it('it votes, and stands, when the minimum election timeout is over', async () => {
    const bench = harness({ term: 1 }, { leaseReads: true });
    await bench.pass(electionTimeoutMinMs);
    expect(bench.sent, 'stood before that').to.deep.equal([]);
    expect(await grants(bench)).to.deep.equal([true, true]);
  });

  it('a follower that heard a leader turns candidates away, also when a reply has told it of a later term', async () => {
    const bench = harness({ term: 1 }, { leaseReads: true });
    bench.disk.isFast = true;
    await bench.clock.run(1000, () => bench.sent.some(({ request }) => request.type === 'preVote'));
    bench.receive(entriesRequest(1, [0, 0]));
    await bench.pass(0);
    expect(bench.node.status().leader).to.equal('n2');
    // An answer to its own candidacy of before, by someone who was cut off.
    bench.answer('n3', { ...preVoteGranted(7, 'n3'), voteGranted: false } as ReturnType<
      typeof preVoteGranted
    >);
    await bench.pass(electionTimeoutMinMs - 1);
    expect(bench.node.term).to.equal(7);
    expect(await grants(bench)).to.deep.equal([false, false]);
    await bench.pass(1);
    expect(await grants(bench)).to.deep.equal([true, true]);
  });
});
