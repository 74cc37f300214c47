/** A follower whose disk was lost, as its leader sees it. */
import { expect } from 'chai';
import type { AppendEntriesReply } from '../../../machines/messages.ts';
import { type Harness, harness, matched } from './nodeHarness.ts';

const refused: AppendEntriesReply = { ...matched(1, 0), success: false, conflictIndex: 1 };

/** A leader whose follower n2 has acknowledged two entries. */
async function acknowledged(): Promise<Harness & { readonly lost: unknown[] }> {
  const bench = harness();
  const lost: unknown[] = [];
  bench.node.events.on('peerLostEntries', (about) => lost.push(about));
  await bench.elect();
  bench.disk.isFast = true;
  bench.answer('n2', matched(1, 0));
  for (let i = 0; i < 2; i += 1) {
    bench.node.propose(new Uint8Array(1));
    await bench.pass(0);
    bench.answer('n2', matched(1, i + 1));
    await bench.pass(0);
  }
  return { ...bench, lost };
}

describe('a follower that refuses what it had acknowledged', () => {
  it('has lost its disk: the leader tells of it, once', async () => {
    const bench = await acknowledged();
    for (let heartbeat = 0; heartbeat < 3; heartbeat += 1) {
      await bench.pass(120);
      bench.answer('n2', refused);
      await bench.pass(0);
    }
    expect(bench.lost).to.deep.equal([{ peer: 'n2', index: 2 }]);
    // What it has counted once, it goes on counting: to send the entries again would hide that a vote is lost, too.
    bench.node.propose(new Uint8Array(1));
    await bench.pass(0);
    const last = bench.sent.findLast(({ to }) => to === 'n2')?.request;
    expect(last).to.include({ type: 'appendEntries', prevLogIndex: 2 });
  });

  it('is not one whose refusal was asked for before it acknowledged, and comes late', async () => {
    const bench = harness();
    const lost: unknown[] = [];
    bench.node.events.on('peerLostEntries', (about) => lost.push(about));
    await bench.elect();
    bench.disk.isFast = true;
    bench.node.propose(new Uint8Array(1));
    await bench.pass(0);
    bench.answer('n2', matched(1, 0));
    const calls = () =>
      bench.sent.filter(({ to, request }) => to === 'n2' && request.type === 'appendEntries');
    bench.node.propose(new Uint8Array(1));
    await bench.pass(0);
    const early = calls().findLast(({ request }) => 'prevLogIndex' in request && request.prevLogIndex === 1);
    expect(early, 'a request that the follower may refuse').not.to.equal(undefined);
    // Asked again, it has them.
    await bench.pass(120);
    expect(calls().at(-1)?.callId).to.be.above(early?.callId ?? 0);
    bench.answer('n2', matched(1, 2));
    await bench.pass(0);
    bench.node.replied(early?.callId ?? 0, refused);
    await bench.pass(0);
    expect(lost).to.deep.equal([]);
  });
});
