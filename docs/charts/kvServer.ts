/** Who may be answered, and with what. Written by `xstate-raft charts`: the stubs decide and do nothing. */
import { setup } from 'xstate';

export const kvServerMachine = setup({
  guards: {
    /** What any member may answer. */
    asksMembersOnly: () => false,
    /** The service is taking over a snapshot: half a state answers nobody. */
    isRestoring: () => false,
    /** As much waits to be committed as may. */
    isOverloaded: () => false,
    /** The log has outgrown its limit, and no snapshot is being taken. */
    logIsLarge: () => false,
    /** A key or a session has a deadline. */
    somethingExpires: () => false,
    /** There is an earlier deadline than the one that is awaited. */
    deadlineHasComeForward: () => false,
    /** By this clock, and by log time: where that is ahead, memory may be left to give back. */
    deadlineIsToCome: () => false,
    /** Log time has passed the deadline. */
    tickIsApplied: () => false,
  },
  delays: {
    /** Until the earliest deadline of a key or a session, by the clock of this node. */
    untilNextDeadline: 1000,
    /** After this long a tick that was not applied is proposed again. */
    tickTimeout: 200,
  },
  actions: {
    /** This node does not lead: the answer names the one that does, where it is known. */
    sendToLeader: () => {},
    /** The request had no effect, and may be sent again in a moment. */
    refuseForNow: () => {},
    /** Proposes its commands, and keeps its queries until there is a read index. */
    takeRequest: () => {},
    /** For the queries of a request (paper, section 8). */
    askForReadIndex: () => {},
    /** From where on those queries may be answered; none: they are refused. */
    noteReadIndex: () => {},
    /** Each command in order; whoever waits for one has its answer. */
    applyEntries: () => {},
    /** Those whose read index is applied. */
    answerQueries: () => {},
    /** Leadership is lost: what waits for an index may or may not come to be. */
    failWaits: () => {},
    /** An entry that lets log time pass. */
    proposeTick: () => {},
    /** Takes the snapshot over in place of what there was. */
    restoreState: () => {},
    /** A view of this moment, made in pieces. */
    takeSnapshot: () => {},
    /** Who leads, as a hint for those that ask here. */
    noteLeader: () => {},
    /** How far the service has come. */
    noteApplied: () => {},
    /** The earliest deadline of a key or a session. */
    noteNextDeadline: () => {},
    /** The one that the timer is set for. */
    noteAwaitedDeadline: () => {},
    /** A snapshot is being taken over. */
    noteRestoreBegun: () => {},
    /** The snapshot is all there. */
    noteRestoreEnded: () => {},
    /** One snapshot is taken at a time. */
    noteSnapshotBegun: () => {},
    /** The next one may be taken. */
    noteSnapshotEnded: () => {},
  },
}).createMachine({
  id: 'kvServer',
  description: 'Who may be answered, and with what.',
  initial: 'catchingUp',
  on: {
    entriesApplied: {
      actions: ['applyEntries', 'noteApplied', 'noteNextDeadline', 'answerQueries'],
      description: "applyEntries: Each command in order; whoever waits for one has its answer.\nnoteApplied: How far the service has come.\nnoteNextDeadline: The earliest deadline of a key or a session.\nanswerQueries: Those whose read index is applied.",
    },
    snapshotReceived: {
      actions: ['noteRestoreBegun', 'restoreState', 'noteApplied'],
      description: "noteRestoreBegun: A snapshot is being taken over.\nrestoreState: Takes the snapshot over in place of what there was.\nnoteApplied: How far the service has come.",
    },
    snapshotRestored: {
      actions: ['noteRestoreEnded', 'answerQueries'],
      description: "noteRestoreEnded: The snapshot is all there.\nanswerQueries: Those whose read index is applied.",
    },
    readConfirmed: [
      {
        guard: 'isRestoring',
        actions: 'noteReadIndex',
        description: "isRestoring: The service is taking over a snapshot: half a state answers nobody.\nnoteReadIndex: From where on those queries may be answered; none: they are refused.",
      },
      {
        actions: ['noteReadIndex', 'answerQueries'],
        description: "noteReadIndex: From where on those queries may be answered; none: they are refused.\nanswerQueries: Those whose read index is applied.",
      },
    ],
    leaderChanged: {
      actions: 'noteLeader',
      description: 'noteLeader: Who leads, as a hint for those that ask here.',
    },
    snapshotEnded: {
      actions: 'noteSnapshotEnded',
      description: 'noteSnapshotEnded: The next one may be taken.',
    },
    stopAsked: '.stopped',
  },
  always: {
    guard: 'logIsLarge',
    actions: ['noteSnapshotBegun', 'takeSnapshot'],
    description: "logIsLarge: The log has outgrown its limit, and no snapshot is being taken.\nnoteSnapshotBegun: One snapshot is taken at a time.\ntakeSnapshot: A view of this moment, made in pieces.",
  },
  states: {
    catchingUp: {
      description: 'Follows the log; answers reads with an index from the leader, and sends others there.',
      on: {
        requested: [
          {
            guard: 'asksMembersOnly',
            actions: ['takeRequest', 'askForReadIndex'],
            description: "asksMembersOnly: What any member may answer.\ntakeRequest: Proposes its commands, and keeps its queries until there is a read index.\naskForReadIndex: For the queries of a request (paper, section 8).",
          },
          {
            actions: 'sendToLeader',
            description: 'sendToLeader: This node does not lead: the answer names the one that does, where it is known.',
          },
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
          {
            guard: 'isOverloaded',
            actions: 'refuseForNow',
            description: "isOverloaded: As much waits to be committed as may.\nrefuseForNow: The request had no effect, and may be sent again in a moment.",
          },
          {
            actions: ['takeRequest', 'askForReadIndex'],
            description: "takeRequest: Proposes its commands, and keeps its queries until there is a read index.\naskForReadIndex: For the queries of a request (paper, section 8).",
          },
        ],
        leadershipLost: 'catchingUp',
      },
      initial: 'resting',
      states: {
        resting: {
          description: 'Nothing that is applied has a deadline.',
          always: {
            guard: 'somethingExpires',
            target: 'awaitingDeadline',
            description: 'somethingExpires: A key or a session has a deadline.',
          },
        },
        awaitingDeadline: {
          description: 'The next deadline of a key or a session is to come.',
          entry: 'noteAwaitedDeadline',
          always: {
            guard: 'deadlineHasComeForward',
            target: 'awaitingDeadline',
            reenter: true,
            description: 'deadlineHasComeForward: There is an earlier deadline than the one that is awaited.',
          },
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
          always: {
            guard: 'tickIsApplied',
            target: 'resting',
            description: 'tickIsApplied: Log time has passed the deadline.',
          },
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
