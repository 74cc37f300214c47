/** What a replicator asks before it decides. */
import { assertEvent } from 'xstate';
import { inFlightBytesMax, inFlightMax } from './limits.ts';
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

export const replicatorGuards = {
  replyTermIsHigher: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return event.reply.term > context.term;
  },
  /** An answer of this leadership, of whatever content, shows that the follower is there. */
  isAnswered: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return isOfThisTerm(context, event);
  },
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
  probeIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    // A refusal of an earlier probe has been acted on.
    const isOfThisProbe = event.call.from === context.nextIndex - 1 && event.call.from > context.matchIndex;
    return isOfThisTerm(context, event) && !event.reply.success && isOfThisProbe;
  },
  streamIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    const isUnderWay = context.inFlight.some((flight) => flight.send === call.stay);
    return isOfThisTerm(context, event) && !reply.success && call.from > context.matchIndex && isUnderWay;
  },
  isInFlight: ({ context, event }: Asked) => {
    assertEvent(event, 'lost');
    return event.call.term === context.term && context.inFlight.some(({ send }) => send === event.call.stay);
  },
  windowIsFull: ({ context }: Asked) => isFull(context.inFlight),
  oldestIsOverdue: ({ context }: Asked) => {
    const oldest = context.inFlight[0];
    return oldest !== undefined && context.clock.now() >= oldest.sentAt + context.heartbeatMs;
  },
  heartbeatIsDue: ({ context }: Asked) => context.clock.now() >= context.lastSentAt + context.heartbeatMs,
  commitIsUntold: ({ context }: Asked) =>
    Math.min(context.log.commitIndex, context.matchIndex) > context.commitSent,
  isUnderWay: ({ context }: Asked) =>
    context.inFlight.length > 0 ||
    context.nextIndex <= context.log.lastIndex ||
    context.matchIndex > context.commitSent,
  neededEntriesAreGone: ({ context }: Asked) => context.nextIndex <= context.log.snapshotIndex,
  chunkIsOutdated: ({ context, event }: Asked) => {
    assertEvent(event, 'chunkRead');
    return event.offset !== context.snapshot.offset;
  },
  snapshotIsAnother: ({ context, event }: Asked) => {
    assertEvent(event, 'chunkRead');
    return context.snapshot.index !== 0 && event.index !== context.snapshot.index;
  },
  snapshotIsInstalled: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.installSnapshot');
    return isOfThisTerm(context, event) && event.reply.installed;
  },
  chunkIsTaken: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.installSnapshot');
    const { lastIncludedIndex, offset } = event.reply;
    const isOfThisSnapshot =
      lastIncludedIndex === context.snapshot.index && offset !== context.snapshot.offset;
    return isOfThisTerm(context, event) && isOfThisSnapshot;
  },
  chunkIsOverdue: ({ context }: Asked) => context.clock.now() >= context.lastSentAt + context.heartbeatMs,
};
