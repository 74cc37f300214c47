/** How much may be under way to one follower, on a leader whose peers are the test's. */
import { expect } from 'chai';
import { type Harness, harness, matched } from './nodeHarness.ts';

const KiB = 1024;

/** A leader whose follower n2 agrees with all it has. */
async function leading(): Promise<Harness> {
  const bench = harness();
  await bench.elect();
  bench.disk.isFast = true;
  bench.answer('n2', matched(1, 0));
  return bench;
}

async function propose({ node, pass }: Harness, ...sizes: readonly number[]): Promise<void> {
  for (const size of sizes) {
    node.propose(new Uint8Array(size));
    await pass(0);
  }
}

/** The calls to n2 that carry entries, by the last index of each. */
const callsWithEntries = ({ sent }: Harness) =>
  sent.flatMap(({ to, callId, request }) =>
    to === 'n2' && request.type === 'appendEntries' && request.entries.count > 0
      ? [{ callId, upTo: request.prevLogIndex + request.entries.count }]
      : [],
  );
const sentUpTo = (bench: Harness) => callsWithEntries(bench).map(({ upTo }) => upTo);

/** n2 has taken the request that ends at this index. */
async function taken(bench: Harness, index: number): Promise<void> {
  const call = callsWithEntries(bench).findLast(({ upTo }) => upTo === index);
  bench.node.replied(call?.callId ?? 0, matched(1, index));
  await bench.pass(0);
}

describe('the window of a follower', () => {
  it('takes no further message once about a mebibyte is under way, and the next when an answer makes room', async () => {
    const bench = await leading();
    await propose(bench, 600 * KiB, 600 * KiB, 600 * KiB, 600 * KiB);
    expect(sentUpTo(bench)).to.deep.equal([1, 2]);
    await taken(bench, 1);
    expect(sentUpTo(bench)).to.deep.equal([1, 2, 3]);
    await taken(bench, 3);
    expect(sentUpTo(bench)).to.deep.equal([1, 2, 3, 4]);
  });

  it('takes one message of any size where nothing is under way, and nothing beside it', async () => {
    const bench = await leading();
    await propose(bench, 3 * KiB * KiB, 1, 1);
    expect(sentUpTo(bench)).to.deep.equal([1]);
    await taken(bench, 1);
    expect(sentUpTo(bench)).to.deep.equal([1, 3]);
  });

  it('is counted in messages, too, however small they are', async () => {
    const bench = await leading();
    await propose(bench, 1, 1, 1, 1, 1, 1);
    expect(sentUpTo(bench)).to.deep.equal([1, 2]);
    await taken(bench, 2);
    expect(sentUpTo(bench)).to.deep.equal([1, 2, 6]);
  });

  it('gives its bytes back after a retransmission time, too', async () => {
    const bench = await leading();
    await propose(bench, 600 * KiB, 600 * KiB, 600 * KiB);
    expect(sentUpTo(bench)).to.deep.equal([1, 2]);
    await bench.pass(120);
    await taken(bench, 1);
    expect(sentUpTo(bench).slice(2)).to.deep.equal([1, 2, 3]);
  });
});
