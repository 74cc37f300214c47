/** Who may be answered, and with what. Written by `xstate-raft charts`: the stubs decide and do nothing. */
import { setup } from 'xstate';

export const kvServerMachine = setup({
  guards: {
    /** What any member may answer. */
    asksMembersOnly: () => false,
    isRestoring: () => false,
    isOverloaded: () => false,
    logIsLarge: () => false,
    somethingExpires: () => false,
    deadlineHasComeForward: () => false,
    /** By this clock, and by log time: where that is ahead, memory may be left to give back. */
    deadlineIsToCome: () => false,
    tickIsApplied: () => false,
  },
  delays: {
    /** Until the earliest deadline of a key or a session, by the clock of this node. */
    untilNextDeadline: 1000,
    /** After this long a tick that was not applied is proposed again. */
    tickTimeout: 200,
  },
  actions: {
    sendToLeader: () => {},
    refuseForNow: () => {},
    takeRequest: () => {},
    askForReadIndex: () => {},
    noteReadIndex: () => {},
    applyEntries: () => {},
    answerQueries: () => {},
    failWaits: () => {},
    proposeTick: () => {},
    restoreState: () => {},
    takeSnapshot: () => {},
    noteLeader: () => {},
    noteApplied: () => {},
    noteNextDeadline: () => {},
    noteAwaitedDeadline: () => {},
    noteRestoreBegun: () => {},
    noteRestoreEnded: () => {},
    noteSnapshotBegun: () => {},
    noteSnapshotEnded: () => {},
  },
}).createMachine({
  id: 'kvServer',
  description: 'Who may be answered, and with what.',
  initial: 'catchingUp',
  on: {
    entriesApplied: { actions: ['applyEntries', 'noteApplied', 'noteNextDeadline', 'answerQueries'] },
    snapshotReceived: { actions: ['noteRestoreBegun', 'restoreState', 'noteApplied'] },
    snapshotRestored: { actions: ['noteRestoreEnded', 'answerQueries'] },
    readConfirmed: [
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
          {
            guard: 'asksMembersOnly',
            actions: ['takeRequest', 'askForReadIndex'],
            description: 'asksMembersOnly: What any member may answer.',
          },
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
            untilNextDeadline: [
              {
                guard: 'deadlineIsToCome',
                target: 'resting',
                description: "untilNextDeadline: Until the earliest deadline of a key or a session, by the clock of this node.\ndeadlineIsToCome: By this clock, and by log time: where that is ahead, memory may be left to give back.",
              },
              {
                target: 'ticking',
                description: 'untilNextDeadline: Until the earliest deadline of a key or a session, by the clock of this node.',
              },
            ],
          },
        },
        ticking: {
          description: 'The deadline has come: an entry that does nothing lets log time pass it.',
          entry: 'proposeTick',
          always: { guard: 'tickIsApplied', target: 'resting' },
          after: {
            tickTimeout: {
              target: 'resting',
              description: 'tickTimeout: After this long a tick that was not applied is proposed again.',
            },
          },
        },
      },
    },
    stopped: { description: 'Answers nobody.', type: 'final' },
  },
});
