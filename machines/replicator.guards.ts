/** What a replicator asks before it decides. */
import { assertEvent } from 'xstate';
import { inFlightBytesMax, inFlightMax, lateTimerMs } from './limits.ts';
import type { Flight, ReplicatorContext, ReplicatorEvent } from './replicator.context.ts';

interface Asked {
  readonly context: ReplicatorContext;
  readonly event: ReplicatorEvent;
}

type Replied = Extract<ReplicatorEvent, { type: `replied.${string}` }>;

/** A reply to this leadership, by a follower of it: one of an earlier term, or of a later one, counts for nothing here. */
function isOfThisTerm(context: ReplicatorContext, { call, reply }: Replied): boolean {
  return call.term === context.term && reply.term === context.term;
}

/** The message that fills the window goes whole, so that one of any size goes where nothing is under way. */
export function isFull(inFlight: readonly Flight[]): boolean {
  const bytes = inFlight.reduce((sum, flight) => sum + flight.bytes, 0);
  return inFlight.length >= inFlightMax || bytes >= inFlightBytesMax;
}

/** When the oldest message under way has to be given up, or a heartbeat is due, ms. */
export function reviewDueAt({ inFlight, lastSentAt, heartbeatMs }: ReplicatorContext): number {
  return Math.min(inFlight[0]?.sentAt ?? lastSentAt, lastSentAt) + heartbeatMs;
}

export const replicatorGuards = {
  /** The follower is in a later term: this leadership is over. */
  replyTermIsHigher: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return event.reply.term > context.term;
  },
  /** An answer of this leadership, of whatever content, shows that the follower is there. */
  isAnswered: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return isOfThisTerm(context, event);
  },
  /**
   * The follower refuses what it had acknowledged when it was asked: its disk was lost, which Raft does not bear (paper,
   * section 5.1: servers restart from stable storage).
   */
  acknowledgedEntryIsLost: ({ context, event }: Asked) => {
    if (event.type !== 'replied.appendEntries' || context.lostIndex > 0) return false;
    const { call, reply } = event;
    return isOfThisTerm(context, event) && !reply.success && call.from <= (call.matchIndex ?? -1);
  },
  /** The follower's log agrees as far as it was asked. */
  agrees: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    return isOfThisTerm(context, event) && event.reply.success;
  },
  /** A heartbeat that merely repeats what is known does not answer the probe. */
  probeAgrees: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { success, matchIndex } = event.reply;
    return isOfThisTerm(context, event) && success && matchIndex >= context.nextIndex - 1;
  },
  /** The follower's log does not agree there, and this is the answer to the last probe. */
  probeIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    // A refusal of an earlier probe has been acted on.
    const isOfThisProbe = event.call.from === context.nextIndex - 1 && event.call.from > context.matchIndex;
    return isOfThisTerm(context, event) && !event.reply.success && isOfThisProbe;
  },
  /** The follower's log does not agree after all, at a message that is still under way. */
  streamIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    const isUnderWay = context.inFlight.some((flight) => flight.send === call.stay);
    return isOfThisTerm(context, event) && !reply.success && call.from > context.matchIndex && isUnderWay;
  },
  /** The message that was lost is one that is counted as under way. */
  isInFlight: ({ context, event }: Asked) => {
    assertEvent(event, 'lost');
    return event.call.term === context.term && context.inFlight.some(({ send }) => send === event.call.stay);
  },
  /** As many messages, or bytes, are under way as may be. */
  windowIsFull: ({ context }: Asked) => isFull(context.inFlight),
  /** The event loop stood still: answers may lie in a socket. */
  reviewIsLate: ({ context }: Asked) => context.clock.now() > reviewDueAt(context) + lateTimerMs,
  /** The oldest message under way was not answered within a heartbeat. */
  oldestIsOverdue: ({ context }: Asked) => {
    const oldest = context.inFlight[0];
    return oldest !== undefined && context.clock.now() >= oldest.sentAt + context.heartbeatMs;
  },
  /** Nothing was sent for a heartbeat. */
  heartbeatIsDue: ({ context }: Asked) => context.clock.now() >= context.lastSentAt + context.heartbeatMs,
  /** The follower could apply more than it has been told of. */
  commitIsUntold: ({ context }: Asked) =>
    Math.min(context.log.commitIndex, context.matchIndex) > context.commitSent,
  /** The follower has the whole log, and nothing is under way. */
  allIsAcknowledged: ({ context }: Asked) =>
    context.inFlight.length === 0 && context.nextIndex > context.log.lastIndex,
  /** The follower has entries of which it does not know yet whether they are committed. */
  commitIsAwaited: ({ context }: Asked) => context.matchIndex > context.commitSent,
  /** They are compacted: the follower needs the snapshot (paper, section 7). */
  neededEntriesAreGone: ({ context }: Asked) => context.nextIndex <= context.log.snapshotIndex,
  /** The transfer has moved on since this chunk was asked for. */
  chunkIsOutdated: ({ context, event }: Asked) => {
    assertEvent(event, 'chunkRead');
    return event.index !== context.snapshot.index || event.offset !== context.snapshot.offset;
  },
  /** The follower has taken over this snapshot, or a later one. */
  snapshotIsInstalled: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.installSnapshot');
    const { installed, lastIncludedIndex } = event.reply;
    // A late answer about an earlier snapshot does not end the transfer of this one.
    return isOfThisTerm(context, event) && installed && lastIncludedIndex >= context.snapshot.index;
  },
  /** The follower misses another byte than the chunk's first: the one behind it, or, if it lost what it had, any. */
  chunkIsTaken: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.installSnapshot');
    const { call, reply } = event;
    const { index, offset } = context.snapshot;
    // A late answer about an earlier chunk does not send the transfer back to it.
    const isOfThisChunk = reply.lastIncludedIndex === index && call.upTo > offset;
    return isOfThisTerm(context, event) && isOfThisChunk && reply.offset !== offset;
  },
  /** The last chunk was not answered within a heartbeat. */
  chunkIsOverdue: ({ context }: Asked) => context.clock.now() >= context.lastSentAt + context.heartbeatMs,
};
