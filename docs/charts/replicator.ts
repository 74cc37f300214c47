/**
 * Where one follower's log agrees with the leader's, and how much may be under way to it. Written by
 * `xstate-raft charts`: the stubs decide and do nothing.
 */
import { setup } from 'xstate';

export const replicatorMachine = setup({
  guards: {
    replyTermIsHigher: () => false,
    /** An answer of this leadership, of whatever content, shows that the follower is there. */
    isAnswered: () => false,
    /**
     * The follower refuses what it had acknowledged when it was asked: its disk was lost, which Raft does not
     * bear (paper, section 5.1: servers restart from stable storage).
     */
    acknowledgedEntryIsLost: () => false,
    agrees: () => false,
    /** A heartbeat that merely repeats what is known does not answer the probe. */
    probeAgrees: () => false,
    probeIsRefused: () => false,
    streamIsRefused: () => false,
    isInFlight: () => false,
    /** As many messages, or bytes, are under way as may be. */
    windowIsFull: () => false,
    reviewIsLate: () => false,
    oldestIsOverdue: () => false,
    heartbeatIsDue: () => false,
    commitIsUntold: () => false,
    allIsAcknowledged: () => false,
    commitIsAwaited: () => false,
    /** They are compacted: the follower needs the snapshot (paper, section 7). */
    neededEntriesAreGone: () => false,
    chunkIsOutdated: () => false,
    snapshotIsInstalled: () => false,
    /**
     * The follower misses another byte than the chunk's first: the one behind it, or, if it lost what it had,
     * any.
     */
    chunkIsTaken: () => false,
    chunkIsOverdue: () => false,
  },
  delays: {
    /** One heartbeat after the last message. */
    untilHeartbeat: 1000,
    /** One heartbeat: what was not answered by then is sent again. */
    retransmissionTime: 1000,
    /** Until the oldest message under way is given up, or a heartbeat is due. */
    untilReview: 1000,
    /** How long the news of a commit waits for entries to travel with. */
    commitNotice: 10,
  },
  actions: {
    send: () => {},
    reportMatch: () => {},
    /** One request at nextIndex. It carries few entries: it may well be refused. */
    makeProbe: () => {},
    /** As many requests as the window takes, each with as many entries as a request takes. */
    fillWindow: () => {},
    /** Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot. */
    makeHeartbeat: () => {},
    noteMatch: () => {},
    /** Gives all slots back and goes on behind what is known to agree. */
    continueFromMatch: () => {},
    /** Skips a whole conflicting term at a time (paper, end of section 5.3). */
    backUp: () => {},
    noteRound: () => {},
    noteAnswer: () => {},
    noteLostEntry: () => {},
    beginSnapshot: () => {},
    noteHeld: () => {},
    makeChunk: () => {},
    noteOffset: () => {},
    noteInstalled: () => {},
    reportHigherTerm: () => {},
    /** Answers with socketsRead once the event loop has turned. */
    readSocketsOnce: () => {},
    /** Answers with snapshotHeld or snapshotMissing. */
    holdSnapshot: () => {},
    /** Answers with chunkRead. */
    readChunk: () => {},
    releaseSnapshot: () => {},
    /** The operator has to know of it. */
    reportLostEntry: () => {},
  },
}).createMachine({
  id: 'replicator',
  description: "Where one follower's log agrees with the leader's, and how much may be under way to it.",
  on: {
    'replied.*': [
      { guard: 'replyTermIsHigher', actions: 'reportHigherTerm' },
      {
        guard: 'acknowledgedEntryIsLost',
        actions: ['noteAnswer', 'reportMatch', 'noteLostEntry', 'reportLostEntry'],
        description: "acknowledgedEntryIsLost: The follower refuses what it had acknowledged when it was asked: its disk was lost, which Raft does not bear (paper, section 5.1: servers restart from stable storage).\nreportLostEntry: The operator has to know of it.",
      },
      {
        guard: 'isAnswered',
        actions: ['noteAnswer', 'reportMatch'],
        description: 'isAnswered: An answer of this leadership, of whatever content, shows that the follower is there.',
      },
    ],
    confirmationAsked: {
      actions: ['noteRound', 'makeHeartbeat', 'send'],
      description: 'makeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.',
    },
  },
  initial: 'probing',
  states: {
    probing: {
      description: 'One request at a time looks for the last entry that both logs share.',
      entry: ['makeProbe', 'send'],
      always: {
        guard: 'neededEntriesAreGone',
        target: 'snapshotting',
        description: 'neededEntriesAreGone: They are compacted: the follower needs the snapshot (paper, section 7).',
      },
      on: {
        'replied.appendEntries': [
          {
            guard: 'probeAgrees',
            target: 'replicating',
            actions: ['noteMatch', 'continueFromMatch', 'reportMatch'],
            description: "probeAgrees: A heartbeat that merely repeats what is known does not answer the probe.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.",
          },
          {
            guard: 'probeIsRefused',
            target: 'probing',
            reenter: true,
            actions: ['noteAnswer', 'reportMatch', 'backUp'],
            description: 'backUp: Skips a whole conflicting term at a time (paper, end of section 5.3).',
          },
        ],
      },
      after: {
        retransmissionTime: {
          target: 'probing',
          reenter: true,
          description: 'retransmissionTime: One heartbeat: what was not answered by then is sent again.',
        },
      },
    },
    replicating: {
      description: 'The logs agree up to matchIndex; what follows is streamed.',
      initial: 'streaming',
      always: {
        guard: 'neededEntriesAreGone',
        target: 'snapshotting',
        description: 'neededEntriesAreGone: They are compacted: the follower needs the snapshot (paper, section 7).',
      },
      on: {
        'replied.appendEntries': [
          {
            guard: 'agrees',
            actions: ['noteMatch', 'reportMatch', 'fillWindow', 'send'],
            description: 'fillWindow: As many requests as the window takes, each with as many entries as a request takes.',
          },
          {
            guard: 'streamIsRefused',
            target: 'probing',
            actions: ['noteAnswer', 'reportMatch', 'backUp'],
            description: 'backUp: Skips a whole conflicting term at a time (paper, end of section 5.3).',
          },
        ],
        lost: {
          guard: 'isInFlight',
          target: 'probing',
          actions: 'continueFromMatch',
          description: 'continueFromMatch: Gives all slots back and goes on behind what is known to agree.',
        },
      },
      states: {
        idle: {
          description: 'The follower has, and knows, all there is.',
          on: { appended: 'streaming' },
          after: {
            untilHeartbeat: [
              {
                guard: 'heartbeatIsDue',
                target: 'idle',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
                description: "untilHeartbeat: One heartbeat after the last message.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.",
              },
              {
                target: 'idle',
                reenter: true,
                description: 'untilHeartbeat: One heartbeat after the last message.',
              },
            ],
          },
        },
        streaming: {
          description: 'Entries are under way.',
          entry: ['fillWindow', 'send'],
          always: { guard: 'allIsAcknowledged', target: 'settling' },
          on: {
            appended: [
              {
                guard: 'windowIsFull',
                description: 'windowIsFull: As many messages, or bytes, are under way as may be.',
              },
              {
                actions: ['fillWindow', 'send'],
                description: 'fillWindow: As many requests as the window takes, each with as many entries as a request takes.',
              },
            ],
          },
          after: {
            untilReview: [
              {
                guard: 'reviewIsLate',
                target: 'overdue',
                description: 'untilReview: Until the oldest message under way is given up, or a heartbeat is due.',
              },
              {
                guard: 'oldestIsOverdue',
                target: '#replicator.probing',
                actions: 'continueFromMatch',
                description: "untilReview: Until the oldest message under way is given up, or a heartbeat is due.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.",
              },
              {
                guard: 'heartbeatIsDue',
                target: 'streaming',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
                description: "untilReview: Until the oldest message under way is given up, or a heartbeat is due.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.",
              },
              {
                target: 'streaming',
                reenter: true,
                description: 'untilReview: Until the oldest message under way is given up, or a heartbeat is due.',
              },
            ],
          },
        },
        overdue: {
          description: 'The timer fired late: the answers may lie in a socket that was not read yet.',
          entry: 'readSocketsOnce',
          on: {
            socketsRead: [
              {
                guard: 'oldestIsOverdue',
                target: '#replicator.probing',
                actions: 'continueFromMatch',
                description: 'continueFromMatch: Gives all slots back and goes on behind what is known to agree.',
              },
              {
                guard: 'heartbeatIsDue',
                target: 'streaming',
                actions: ['makeHeartbeat', 'send'],
                description: 'makeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.',
              },
              { target: 'streaming' },
            ],
          },
        },
        settling: {
          description: 'The follower has all there is, but may have yet to hear that it is committed.',
          on: { appended: 'streaming' },
          after: {
            commitNotice: [
              {
                guard: 'commitIsUntold',
                target: 'idle',
                actions: ['makeHeartbeat', 'send'],
                description: "commitNotice: How long the news of a commit waits for entries to travel with.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.",
              },
              {
                guard: 'heartbeatIsDue',
                target: 'settling',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
                description: "commitNotice: How long the news of a commit waits for entries to travel with.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.",
              },
              {
                guard: 'commitIsAwaited',
                target: 'settling',
                reenter: true,
                description: 'commitNotice: How long the news of a commit waits for entries to travel with.',
              },
              {
                target: 'idle',
                description: 'commitNotice: How long the news of a commit waits for entries to travel with.',
              },
            ],
          },
        },
      },
    },
    snapshotting: {
      description: 'The entries that the follower needs are compacted: it gets the snapshot, chunk by chunk (section 7).',
      entry: 'beginSnapshot',
      exit: 'releaseSnapshot',
      on: {
        'replied.installSnapshot': [
          { guard: 'snapshotIsInstalled', target: 'replicating', actions: ['noteInstalled', 'reportMatch'] },
          {
            guard: 'chunkIsTaken',
            actions: ['noteAnswer', 'reportMatch', 'noteOffset', 'readChunk'],
            description: "chunkIsTaken: The follower misses another byte than the chunk's first: the one behind it, or, if it lost what it had, any.\nreadChunk: Answers with chunkRead.",
          },
        ],
      },
      initial: 'holding',
      states: {
        holding: {
          description: 'Takes hold of the newest snapshot: the transfer ends with the one that it began with.',
          entry: 'holdSnapshot',
          on: {
            snapshotHeld: {
              target: 'sending',
              actions: ['noteHeld', 'readChunk'],
              description: 'readChunk: Answers with chunkRead.',
            },
            snapshotMissing: {
              actions: ['makeHeartbeat', 'send'],
              description: 'makeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.',
            },
          },
          after: {
            retransmissionTime: {
              target: 'holding',
              reenter: true,
              description: 'retransmissionTime: One heartbeat: what was not answered by then is sent again.',
            },
          },
        },
        sending: {
          description: 'A chunk is under way; one that is not answered in time is sent again.',
          on: { chunkRead: [{ guard: 'chunkIsOutdated' }, { actions: ['makeChunk', 'send'] }] },
          after: {
            retransmissionTime: [
              {
                guard: 'chunkIsOverdue',
                target: 'sending',
                reenter: true,
                actions: 'readChunk',
                description: "retransmissionTime: One heartbeat: what was not answered by then is sent again.\nreadChunk: Answers with chunkRead.",
              },
              {
                target: 'sending',
                reenter: true,
                description: 'retransmissionTime: One heartbeat: what was not answered by then is sent again.',
              },
            ],
          },
        },
      },
    },
  },
});
