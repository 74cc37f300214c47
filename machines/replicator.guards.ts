/** What a replicator asks before it decides. */
import { assertEvent } from 'xstate';
import type { ReplicatorContext, ReplicatorEvent } from './replicator.context.ts';

interface Asked {
  readonly context: ReplicatorContext;
  readonly event: ReplicatorEvent;
}

export const replicatorGuards = {
  replyTermIsHigher: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return event.reply.term > context.term;
  },
  /** An answer of this leadership, of whatever content, shows that the follower is there. */
  isAnswered: ({ context, event }: Asked) => {
    assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
    return event.call.term === context.term && event.reply.term === context.term;
  },
  agrees: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    return event.call.term === context.term && event.reply.term === context.term && event.reply.success;
  },
  /** A heartbeat that merely repeats what is known does not answer the probe. */
  probeAgrees: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    return (
      call.term === context.term &&
      reply.term === context.term &&
      reply.success &&
      reply.matchIndex >= context.nextIndex - 1
    );
  },
  probeIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    return (
      call.term === context.term &&
      reply.term === context.term &&
      !reply.success &&
      // A refusal of an earlier probe has been acted on.
      call.from === context.nextIndex - 1 &&
      call.from > context.matchIndex
    );
  },
  streamIsRefused: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.appendEntries');
    const { call, reply } = event;
    return (
      call.term === context.term &&
      reply.term === context.term &&
      !reply.success &&
      call.from > context.matchIndex &&
      context.inFlight.some((flight) => flight.send === call.stay)
    );
  },
  isInFlight: ({ context, event }: Asked) => {
    assertEvent(event, 'lost');
    return event.call.term === context.term && context.inFlight.some(({ send }) => send === event.call.stay);
  },
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
    const { call, reply } = event;
    return call.term === context.term && reply.term === context.term && reply.installed;
  },
  chunkIsTaken: ({ context, event }: Asked) => {
    assertEvent(event, 'replied.installSnapshot');
    const { call, reply } = event;
    return (
      call.term === context.term &&
      reply.term === context.term &&
      reply.lastIncludedIndex === context.snapshot.index &&
      reply.offset !== context.snapshot.offset
    );
  },
  chunkIsOverdue: ({ context }: Asked) => context.clock.now() >= context.lastSentAt + context.heartbeatMs,
};
