/**
 * Who may be answered, and with what: applies what the log commits, and while its node leads takes requests, proposes
 * their commands and answers each when its index is applied. Queries wait for a read index (paper, section 8), on any
 * node. Deadlines are over by log time, which passes with what is proposed: where nobody proposes anything, a tick is.
 */
import { assertEvent, assign, setup } from 'xstate';
import { kvServerEffects } from './kvServer.actions.ts';
import type { KvServerContext, KvServerEvent, KvServerInput } from './kvServer.context.ts';
import { tickTimeoutMs } from './limits.ts';
import { ItemKind } from './wire.ts';

export const kvServerMachine = setup({
  types: { context: {} as KvServerContext, events: {} as KvServerEvent, input: {} as KvServerInput },
  guards: {
    /** What any member may answer. */
    asksMembersOnly: ({ event }) => {
      assertEvent(event, 'requested');
      return event.items.every(({ kind }) => kind === ItemKind.memberQuery);
    },
    /** The service is taking over a snapshot: half a state answers nobody. */
    isRestoring: ({ context }) => context.restoring,
    /** As much waits to be committed as may. */
    isOverloaded: ({ context }) => context.serving.isOverloaded(),
    /** The log has outgrown its limit, and no snapshot is being taken. */
    logIsLarge: ({ context }) => !context.snapshotting && context.serving.logIsLarge(context.lastApplied),
    /** A key or a session has a deadline. */
    somethingExpires: ({ context }) => context.nextDeadline < Number.POSITIVE_INFINITY,
    /** There is an earlier deadline than the one that is awaited. */
    deadlineHasComeForward: ({ context }) => context.nextDeadline < context.awaitedDeadline,
    /** By this clock, and by log time: where that is ahead, memory may be left to give back. */
    deadlineIsToCome: ({ context }) => context.serving.isToCome(context.nextDeadline),
    /** Log time has passed the deadline. */
    tickIsApplied: ({ context }) => context.serving.tickIsApplied(context.lastApplied),
  },
  delays: {
    /** Until the earliest deadline of a key or a session, by the clock of this node. */
    untilNextDeadline: ({ context }) => context.serving.msUntil(context.awaitedDeadline),
    /** After this long a tick that was not applied is proposed again. */
    tickTimeout: tickTimeoutMs,
  },
  actions: {
    ...kvServerEffects,
    /** Who leads, as a hint for those that ask here. */
    noteLeader: assign(({ event }) => {
      assertEvent(event, 'leaderChanged');
      return { leader: event.leader };
    }),
    /** How far the service has come. */
    noteApplied: assign(({ context, event }) => {
      assertEvent(event, ['entriesApplied', 'snapshotReceived']);
      if (event.type === 'snapshotReceived') return { lastApplied: event.snapshot.index };
      return { lastApplied: event.entries.at(-1)?.index ?? context.lastApplied };
    }),
    /** The earliest deadline of a key or a session. */
    noteNextDeadline: assign(({ context }) => ({ nextDeadline: context.serving.nextDeadline })),
    /** The one that the timer is set for. */
    noteAwaitedDeadline: assign(({ context }) => ({ awaitedDeadline: context.nextDeadline })),
    /** A snapshot is being taken over. */
    noteRestoreBegun: assign({ restoring: true }),
    /** The snapshot is all there. */
    noteRestoreEnded: assign({ restoring: false }),
    /** One snapshot is taken at a time. */
    noteSnapshotBegun: assign({ snapshotting: true }),
    /** The next one may be taken. */
    noteSnapshotEnded: assign({ snapshotting: false }),
  },
}).createMachine({
  id: 'kvServer',
  description: 'Who may be answered, and with what.',
  context: ({ input }) => ({
    ...input,
    leader: null,
    nextDeadline: Number.POSITIVE_INFINITY,
    awaitedDeadline: Number.POSITIVE_INFINITY,
    snapshotting: false,
    restoring: false,
  }),
  initial: 'catchingUp',
  on: {
    entriesApplied: { actions: ['applyEntries', 'noteApplied', 'noteNextDeadline', 'answerQueries'] },
    snapshotReceived: { actions: ['noteRestoreBegun', 'restoreState', 'noteApplied'] },
    snapshotRestored: { actions: ['noteRestoreEnded', 'answerQueries'] },
    readConfirmed: [
      // Half a state answers nobody.
      { guard: 'isRestoring', actions: 'noteReadIndex' },
      { actions: ['noteReadIndex', 'answerQueries'] },
    ],
    leaderChanged: { actions: 'noteLeader' },
    snapshotEnded: { actions: 'noteSnapshotEnded' },
    stopAsked: '.stopped',
  },
  always: { guard: 'logIsLarge', actions: ['noteSnapshotBegun', 'takeSnapshot'] },
  states: {
    catchingUp: {
      description: 'Follows the log; answers reads with an index from the leader, and sends others there.',
      on: {
        requested: [
          { guard: 'asksMembersOnly', actions: ['takeRequest', 'askForReadIndex'] },
          { actions: 'sendToLeader' },
        ],
        leadershipGained: 'serving',
      },
    },
    serving: {
      description: 'Leads: proposes commands and answers when they are applied.',
      entry: 'noteNextDeadline',
      exit: 'failWaits',
      on: {
        requested: [
          { guard: 'isOverloaded', actions: 'refuseForNow' },
          { actions: ['takeRequest', 'askForReadIndex'] },
        ],
        leadershipLost: 'catchingUp',
      },
      initial: 'resting',
      states: {
        resting: {
          description: 'Nothing that is applied has a deadline.',
          always: { guard: 'somethingExpires', target: 'awaitingDeadline' },
        },
        awaitingDeadline: {
          description: 'The next deadline of a key or a session is to come.',
          entry: 'noteAwaitedDeadline',
          always: { guard: 'deadlineHasComeForward', target: 'awaitingDeadline', reenter: true },
          after: {
            untilNextDeadline: [{ guard: 'deadlineIsToCome', target: 'resting' }, { target: 'ticking' }],
          },
        },
        ticking: {
          description: 'The deadline has come: an entry that does nothing lets log time pass it.',
          entry: 'proposeTick',
          always: { guard: 'tickIsApplied', target: 'resting' },
          after: { tickTimeout: 'resting' },
        },
      },
    },
    stopped: { description: 'Answers nobody.', type: 'final' },
  },
});
