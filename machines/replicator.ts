/**
 * Where one follower's log agrees with the leader's, and how much may be under way to it (paper, section 5.3). Lives
 * while its node leads. A slot in flight is given back after a retransmission time, whether or not the call returned;
 * heartbeats never wait for a slot.
 */
import { assertEvent, sendParent, setup } from 'xstate';
import { assignAll } from './assignAll.ts';
import { commitNoticeMs } from './limits.ts';
import { msUntil } from './ports.ts';
import { replicatorChanges, replicatorEffects } from './replicator.actions.ts';
import type { ReplicatorContext, ReplicatorEvent, ReplicatorInput } from './replicator.context.ts';
import { replicatorGuards, reviewDueAt } from './replicator.guards.ts';

export const replicatorMachine = setup({
  types: { context: {} as ReplicatorContext, events: {} as ReplicatorEvent, input: {} as ReplicatorInput },
  guards: replicatorGuards,
  delays: {
    /** One heartbeat after the last message. */
    untilHeartbeat: ({ context }) => msUntil(context.lastSentAt + context.heartbeatMs, context.clock),
    /** One heartbeat: what was not answered by then is sent again. */
    retransmissionTime: ({ context }) => context.heartbeatMs,
    /** Until the oldest message under way is given up, or a heartbeat is due. */
    untilReview: ({ context }) => msUntil(reviewDueAt(context), context.clock),
    /** How long the news of a commit waits for entries to travel with. */
    commitNotice: commitNoticeMs,
  },
  actions: {
    ...replicatorEffects,
    ...assignAll(replicatorChanges),
    /** Tells raft, which decides what comes of it. */
    reportHigherTerm: sendParent(({ event }) => {
      assertEvent(event, ['replied.appendEntries', 'replied.installSnapshot']);
      return { type: 'higherTermSeen', term: event.reply.term };
    }),
    // Provided by the runtime.
    /** Answers with socketsRead once the event loop has turned. */
    readSocketsOnce: () => {},
    /** Answers with snapshotHeld or snapshotMissing. */
    holdSnapshot: () => {},
    /** Answers with chunkRead. */
    readChunk: () => {},
    /** It need not stay readable any more. */
    releaseSnapshot: () => {},
    /** The operator has to know of it. */
    reportLostEntry: () => {},
  },
}).createMachine({
  id: 'replicator',
  description: "Where one follower's log agrees with the leader's, and how much may be under way to it.",
  context: ({ input }) => ({
    ...input,
    matchIndex: 0,
    lostIndex: 0,
    inFlight: [],
    sends: 0,
    outgoing: [],
    lastSentAt: Number.NEGATIVE_INFINITY,
    commitSent: 0,
    round: 0,
    answeredRound: 0,
    snapshot: { index: 0, term: 0, offset: 0 },
  }),
  on: {
    'replied.*': [
      { guard: 'replyTermIsHigher', actions: 'reportHigherTerm' },
      {
        guard: 'acknowledgedEntryIsLost',
        actions: ['noteAnswer', 'reportMatch', 'noteLostEntry', 'reportLostEntry'],
      },
      { guard: 'isAnswered', actions: ['noteAnswer', 'reportMatch'] },
    ],
    confirmationAsked: { actions: ['noteRound', 'makeHeartbeat', 'send'] },
  },
  initial: 'probing',
  states: {
    probing: {
      description: 'One request at a time looks for the last entry that both logs share.',
      entry: ['makeProbe', 'send'],
      always: { guard: 'neededEntriesAreGone', target: 'snapshotting' },
      on: {
        'replied.appendEntries': [
          {
            guard: 'probeAgrees',
            target: 'replicating',
            actions: ['noteMatch', 'continueFromMatch', 'reportMatch'],
          },
          {
            guard: 'probeIsRefused',
            target: 'probing',
            reenter: true,
            actions: ['noteAnswer', 'reportMatch', 'backUp'],
          },
        ],
      },
      after: { retransmissionTime: { target: 'probing', reenter: true } },
    },
    replicating: {
      description: 'The logs agree up to matchIndex; what follows is streamed.',
      initial: 'streaming',
      always: { guard: 'neededEntriesAreGone', target: 'snapshotting' },
      on: {
        'replied.appendEntries': [
          { guard: 'agrees', actions: ['noteMatch', 'reportMatch', 'fillWindow', 'send'] },
          { guard: 'streamIsRefused', target: 'probing', actions: ['noteAnswer', 'reportMatch', 'backUp'] },
        ],
        lost: { guard: 'isInFlight', target: 'probing', actions: 'continueFromMatch' },
      },
      states: {
        idle: {
          description: 'The follower has, and knows, all there is.',
          on: { appended: 'streaming' },
          after: {
            untilHeartbeat: [
              { guard: 'heartbeatIsDue', target: 'idle', reenter: true, actions: ['makeHeartbeat', 'send'] },
              { target: 'idle', reenter: true },
            ],
          },
        },
        streaming: {
          description: 'Entries are under way.',
          entry: ['fillWindow', 'send'],
          always: { guard: 'allIsAcknowledged', target: 'settling' },
          // What has to wait goes when an answer makes room.
          on: { appended: [{ guard: 'windowIsFull' }, { actions: ['fillWindow', 'send'] }] },
          after: {
            untilReview: [
              { guard: 'reviewIsLate', target: 'overdue' },
              { guard: 'oldestIsOverdue', target: '#replicator.probing', actions: 'continueFromMatch' },
              {
                guard: 'heartbeatIsDue',
                target: 'streaming',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
              },
              { target: 'streaming', reenter: true },
            ],
          },
        },
        overdue: {
          description: 'The timer fired late: the answers may lie in a socket that was not read yet.',
          entry: 'readSocketsOnce',
          on: {
            socketsRead: [
              { guard: 'oldestIsOverdue', target: '#replicator.probing', actions: 'continueFromMatch' },
              { guard: 'heartbeatIsDue', target: 'streaming', actions: ['makeHeartbeat', 'send'] },
              { target: 'streaming' },
            ],
          },
        },
        settling: {
          description: 'The follower has all there is, but may have yet to hear that it is committed.',
          on: { appended: 'streaming' },
          after: {
            commitNotice: [
              { guard: 'commitIsUntold', target: 'idle', actions: ['makeHeartbeat', 'send'] },
              {
                guard: 'heartbeatIsDue',
                target: 'settling',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
              },
              { guard: 'commitIsAwaited', target: 'settling', reenter: true },
              { target: 'idle' },
            ],
          },
        },
      },
    },
    snapshotting: {
      description:
        'The entries that the follower needs are compacted: it gets the snapshot, chunk by chunk (section 7).',
      entry: 'beginSnapshot',
      exit: 'releaseSnapshot',
      on: {
        'replied.installSnapshot': [
          { guard: 'snapshotIsInstalled', target: 'replicating', actions: ['noteInstalled', 'reportMatch'] },
          { guard: 'chunkIsTaken', actions: ['noteAnswer', 'reportMatch', 'noteOffset', 'readChunk'] },
        ],
      },
      initial: 'holding',
      states: {
        holding: {
          description:
            'Takes hold of the newest snapshot: the transfer ends with the one that it began with.',
          entry: 'holdSnapshot',
          on: {
            snapshotHeld: { target: 'sending', actions: ['noteHeld', 'readChunk'] },
            snapshotMissing: { actions: ['makeHeartbeat', 'send'] },
          },
          after: { retransmissionTime: { target: 'holding', reenter: true } },
        },
        sending: {
          description: 'A chunk is under way; one that is not answered in time is sent again.',
          on: { chunkRead: [{ guard: 'chunkIsOutdated' }, { actions: ['makeChunk', 'send'] }] },
          after: {
            retransmissionTime: [
              { guard: 'chunkIsOverdue', target: 'sending', reenter: true, actions: 'readChunk' },
              { target: 'sending', reenter: true },
            ],
          },
        },
      },
    },
  },
});
