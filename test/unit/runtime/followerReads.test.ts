/** A follower whose service reads asks the leader for an index (dissertation, section 6.4). */
import { expect } from 'chai';
import type { ReadIndexReply } from '../../../machines/messages.ts';
import { entriesRequest, type Harness, harness, matched, record, voteGranted } from './nodeHarness.ts';

const given = (term: number, readIndex: number, about: Partial<ReadIndexReply> = {}): ReadIndexReply => ({
  ...{ type: 'readIndexReply', group: 0, term, from: 'n2', success: true, readIndex },
  ...about,
});

describe('a follower whose service reads', () => {
  let bench: Harness;
  let answered: { readonly tokens: readonly number[]; readonly readIndex: number | null }[];

  /** Follows n2, which leads term 1. */
  beforeEach(async () => {
    bench = harness();
    bench.disk.isFast = true;
    bench.receive(entriesRequest(1, [0, 0]));
    await bench.pass(1);
    answered = record(bench.node.streams.readConfirmed$);
  });

  const asked = () => bench.sent.filter(({ request }) => request.type === 'readIndex');

  it('asks the leader, and passes on what it says', async () => {
    bench.node.requestReadIndex(7);
    await bench.pass(1);
    expect(asked().map(({ to, request }) => [to, request.term])).to.deep.equal([['n2', 1]]);
    bench.answer('n2', given(1, 5));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [7], readIndex: 5 }]);
  });

  it('asks one time for all reads that came while it waited, and answers none of them with what was asked before', async () => {
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    bench.node.requestReadIndex(2);
    bench.node.requestReadIndex(3);
    await bench.pass(1);
    expect(asked()).to.have.length(1);
    bench.answer('n2', given(1, 5));
    await bench.pass(1);
    expect(asked()).to.have.length(2);
    // The first answer comes a second time: it was given before the other reads came.
    bench.node.replied(asked()[0]?.callId ?? 0, given(1, 5));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: 5 }]);
    bench.answer('n2', given(1, 6));
    await bench.pass(1);
    expect(answered[1]).to.deep.equal({ tokens: [2, 3], readIndex: 6 });
  });

  it('asks again after a heartbeat: the question or its answer may be lost', async () => {
    bench.node.requestReadIndex(1);
    await bench.pass(101);
    expect(asked()).to.have.length(2);
    // To either of them the answer is as good.
    bench.node.replied(asked()[0]?.callId ?? 0, given(1, 5));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: 5 }]);
    await bench.pass(150);
    expect(asked()).to.have.length(2);
  });

  it('asks the next leader where the term ends meanwhile, and takes no word of the old one', async () => {
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    bench.receive(entriesRequest(2, [0, 0], [], { from: 'n3' }));
    await bench.pass(1);
    bench.node.replied(asked()[0]?.callId ?? 0, given(1, 5));
    await bench.pass(1);
    expect(answered).to.deep.equal([]);
    await bench.pass(100);
    expect(asked().at(-1)).to.deep.include({ to: 'n3' });
    bench.answer('n3', given(2, 6, { from: 'n3' }));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: 6 }]);
  });

  it('refuses its reads when the one it asked does not lead, or nobody does', async () => {
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    bench.answer('n2', given(1, 0, { success: false }));
    await bench.pass(1);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: null }]);
    bench.node.requestReadIndex(2);
    await bench.pass(700);
    expect(bench.node.status().role).to.equal('preCandidate');
    bench.node.requestReadIndex(3);
    await bench.pass(0);
    expect(answered.slice(1)).to.deep.equal([
      { tokens: [2], readIndex: null },
      { tokens: [3], readIndex: null },
    ]);
  });

  it('refuses them while it has not heard of a leader yet', async () => {
    bench = harness();
    answered = record(bench.node.streams.readConfirmed$);
    bench.node.requestReadIndex(1);
    await bench.pass(0);
    expect(answered).to.deep.equal([{ tokens: [1], readIndex: null }]);
  });

  it('learns of a higher term by the answer', async () => {
    bench.node.requestReadIndex(1);
    await bench.pass(1);
    bench.answer('n2', given(4, 0, { success: false }));
    await bench.pass(1);
    expect(bench.node.term).to.equal(4);
  });
});

describe('a leader that a follower asks for a read index', () => {
  let bench: Harness;
  const ask = () => bench.receive({ type: 'readIndex', group: 0, term: bench.node.term, from: 'n3' });

  beforeEach(async () => {
    bench = harness(undefined, { noopAtTermStart: true });
    await bench.elect();
    bench.disk.isFast = true;
    await bench.pass(1);
  });

  it('gives one at once where the two are a majority: who asks says that it is in this term still', async () => {
    bench.answer('n2', matched(1, 1));
    await bench.pass(1);
    const { length } = bench.sent;
    const token = ask();
    await bench.pass(0);
    expect(bench.replies.get(token)).to.deep.equal(given(1, 1, { from: 'n1' }));
    expect(bench.sent).to.have.length(length);
  });

  for (const [whom, configuration] of [
    ['one of five', { voters: ['n1', 'n2', 'n3', 'n4', 'n5'], learners: [] }],
    ['a learner', { voters: ['n1', 'n2'], learners: ['n3'] }],
  ] as const) {
    it(`gives one to ${whom} when a majority has answered a round that began after it was asked`, async () => {
      bench = harness({}, { noopAtTermStart: true, preVote: false }, configuration);
      const others = configuration.voters.slice(1, 3);
      bench.disk.isFast = true;
      await bench.pass(600);
      for (const peer of others) bench.answer(peer, voteGranted(1, peer));
      await bench.pass(1);
      for (const peer of others) bench.answer(peer, matched(1, 1, peer));
      await bench.pass(1);
      const token = ask();
      await bench.pass(1);
      expect(bench.replies.has(token)).to.equal(false);
      for (const peer of others) bench.answer(peer, matched(1, 1, peer, 1));
      await bench.pass(1);
      expect(bench.replies.get(token)).to.deep.equal(given(1, 1, { from: 'n1' }));
    });
  }

  it('gives none before an entry of its own term is committed', async () => {
    const token = ask();
    await bench.pass(1);
    expect(bench.replies.has(token)).to.equal(false);
    bench.answer('n2', matched(1, 1));
    await bench.pass(1);
    bench.answer('n2', matched(1, 1, 'n2', 1));
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({ success: true, readIndex: 1 });
  });

  it('proposes an entry for it where its term has none', async () => {
    bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    ask();
    await bench.pass(1);
    expect(bench.node.log.lastIndex).to.equal(1);
  });

  it('refuses it when another leads', async () => {
    const token = ask();
    bench.receive(entriesRequest(2, [0, 0]));
    await bench.pass(1);
    expect(bench.replies.get(token)).to.deep.include({ type: 'readIndexReply', success: false });
    const late = bench.receive({ type: 'readIndex', group: 0, term: 2, from: 'n3' });
    await bench.pass(1);
    expect(bench.replies.get(late)).to.deep.include({ type: 'readIndexReply', success: false });
  });
});
