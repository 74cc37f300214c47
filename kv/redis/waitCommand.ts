/**
 * WAIT: on how many other nodes the writes of the connection are durable. A write that was replied to is on a majority; how
 * far each node beyond it is, only the leader knows.
 */
import { integerFrom } from '../integers.ts';
import { redisDeadlineMs } from '../limits.ts';
import type { FrontFacts, LocalCommand } from './command.ts';
import { error, notAnInteger } from './errorReplies.ts';
import type { WireReply } from './writer.ts';

/** How often the leader's figures are looked at, ms: some heartbeats of followers that keep up. */
const lookEveryMs = 10;

async function wait(wanted: number, timeoutMs: number, front: FrontFacts): Promise<WireReply> {
  const deadline = performance.now() + timeoutMs;
  const leader = await front.confirmLeader();
  const { nodeId, term, lastLogIndex: index, peers } = front.status();
  const ofMajority = Math.floor((peers.length + 1) / 2);
  if (leader !== nodeId) return ofMajority;
  for (;;) {
    const status = front.status();
    // Its log had all that was committed when it was confirmed; of another term's leader this is not known.
    if (status.term !== term) return ofMajority;
    const { matchIndex } = status;
    const reached = peers.filter(({ id }) => (matchIndex[id] ?? 0) >= index).length;
    const known = Math.max(reached, ofMajority);
    const left = deadline - performance.now();
    if (known >= wanted || left <= 0) return known;
    await new Promise((resolve) => setTimeout(resolve, Math.min(lookEveryMs, left)));
  }
}

export const waitCommand: LocalCommand = {
  name: 'wait',
  arity: 3,
  answer: ([replicas, timeout], _client, front) => {
    const wanted = integerFrom(replicas);
    const ms = integerFrom(timeout);
    if (wanted === undefined) return notAnInteger();
    if (ms === undefined) return error('timeout is not an integer or out of range');
    if (ms < 0n) return error('timeout is negative');
    // Zero is for ever, in Redis; here no command takes longer than the others may.
    const timeoutMs = ms === 0n ? redisDeadlineMs : Math.min(Number(ms), redisDeadlineMs);
    return wait(Number(wanted), timeoutMs, front);
  },
  flags: ['noscript'],
  categories: ['@slow', '@connection'],
  keys: [0, 0, 0],
  summary: 'Waits until so many other nodes have the writes of this connection.',
  since: '3.0.0',
  group: 'generic',
};
