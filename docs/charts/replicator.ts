/**
 * Where one follower's log agrees with the leader's, and how much may be under way to it. Written by
 * `xstate-raft charts`: the stubs decide and do nothing.
 */
import { setup } from 'xstate';

export const replicatorMachine = setup({
  guards: {
    /** The follower is in a later term: this leadership is over. */
    replyTermIsHigher: () => false,
    /** An answer of this leadership, of whatever content, shows that the follower is there. */
    isAnswered: () => false,
    /**
     * The follower refuses what it had acknowledged when it was asked: its disk was lost, which Raft does not
     * bear (paper, section 5.1: servers restart from stable storage).
     */
    acknowledgedEntryIsLost: () => false,
    /** The follower's log agrees as far as it was asked. */
    agrees: () => false,
    /** A heartbeat that merely repeats what is known does not answer the probe. */
    probeAgrees: () => false,
    /** The follower's log does not agree there, and this is the answer to the last probe. */
    probeIsRefused: () => false,
    /** The follower's log does not agree after all, at a message that is still under way. */
    streamIsRefused: () => false,
    /** The message that was lost is one that is counted as under way. */
    isInFlight: () => false,
    /** As many messages, or bytes, are under way as may be. */
    windowIsFull: () => false,
    /** The event loop stood still: answers may lie in a socket. */
    reviewIsLate: () => false,
    /** The oldest message under way was not answered within a heartbeat. */
    oldestIsOverdue: () => false,
    /** Nothing was sent for a heartbeat. */
    heartbeatIsDue: () => false,
    /** The follower could apply more than it has been told of. */
    commitIsUntold: () => false,
    /** The follower has the whole log, and nothing is under way. */
    allIsAcknowledged: () => false,
    /** The follower has entries of which it does not know yet whether they are committed. */
    commitIsAwaited: () => false,
    /** They are compacted: the follower needs the snapshot (paper, section 7). */
    neededEntriesAreGone: () => false,
    /** The transfer has moved on since this chunk was asked for. */
    chunkIsOutdated: () => false,
    /** The follower has taken over this snapshot, or a later one. */
    snapshotIsInstalled: () => false,
    /**
     * The follower misses another byte than the chunk's first: the one behind it, or, if it lost what it had,
     * any.
     */
    chunkIsTaken: () => false,
    /** The last chunk was not answered within a heartbeat. */
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
    /** Gives the messages that were made to the network. */
    send: () => {},
    /** Tells raft how far the logs agree, and that the follower is there. */
    reportMatch: () => {},
    /** One request at nextIndex. It carries few entries: it may well be refused. */
    makeProbe: () => {},
    /** As many requests as the window takes, each with as many entries as a request takes. */
    fillWindow: () => {},
    /** Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot. */
    makeHeartbeat: () => {},
    /** How far the logs agree; what is acknowledged is no longer under way. */
    noteMatch: () => {},
    /** Gives all slots back and goes on behind what is known to agree. */
    continueFromMatch: () => {},
    /** Skips a whole conflicting term at a time (paper, end of section 5.3). */
    backUp: () => {},
    /** Which round of confirmation the next messages belong to (dissertation, section 6.4). */
    noteRound: () => {},
    /** Which round of confirmation the follower has answered. */
    noteAnswer: () => {},
    /** What the follower once had and has no more; it is told of once. */
    noteLostEntry: () => {},
    /** A transfer begins; no entries are under way meanwhile. */
    beginSnapshot: () => {},
    /** Which snapshot is being sent: it stays readable until the transfer ends. */
    noteHeld: () => {},
    /** The next part of the snapshot (paper, figure 13). */
    makeChunk: () => {},
    /** Which byte the follower misses next. */
    noteOffset: () => {},
    /** The logs agree up to where the snapshot reaches; entries follow. */
    noteInstalled: () => {},
    /** Tells raft, which decides what comes of it. */
    reportHigherTerm: () => {},
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
  on: {
    'replied.*': [
      {
        guard: 'replyTermIsHigher',
        actions: 'reportHigherTerm',
        description: "replyTermIsHigher: The follower is in a later term: this leadership is over.\nreportHigherTerm: Tells raft, which decides what comes of it.",
      },
      {
        guard: 'acknowledgedEntryIsLost',
        actions: ['noteAnswer', 'reportMatch', 'noteLostEntry', 'reportLostEntry'],
        description: "acknowledgedEntryIsLost: The follower refuses what it had acknowledged when it was asked: its disk was lost, which Raft does not bear (paper, section 5.1: servers restart from stable storage).\nnoteAnswer: Which round of confirmation the follower has answered.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.\nnoteLostEntry: What the follower once had and has no more; it is told of once.\nreportLostEntry: The operator has to know of it.",
      },
      {
        guard: 'isAnswered',
        actions: ['noteAnswer', 'reportMatch'],
        description: "isAnswered: An answer of this leadership, of whatever content, shows that the follower is there.\nnoteAnswer: Which round of confirmation the follower has answered.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.",
      },
    ],
    confirmationAsked: {
      actions: ['noteRound', 'makeHeartbeat', 'send'],
      description: "noteRound: Which round of confirmation the next messages belong to (dissertation, section 6.4).\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
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
            description: "probeAgrees: A heartbeat that merely repeats what is known does not answer the probe.\nnoteMatch: How far the logs agree; what is acknowledged is no longer under way.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.",
          },
          {
            guard: 'probeIsRefused',
            target: 'probing',
            reenter: true,
            actions: ['noteAnswer', 'reportMatch', 'backUp'],
            description: "probeIsRefused: The follower's log does not agree there, and this is the answer to the last probe.\nnoteAnswer: Which round of confirmation the follower has answered.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.\nbackUp: Skips a whole conflicting term at a time (paper, end of section 5.3).",
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
            description: "agrees: The follower's log agrees as far as it was asked.\nnoteMatch: How far the logs agree; what is acknowledged is no longer under way.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.\nfillWindow: As many requests as the window takes, each with as many entries as a request takes.\nsend: Gives the messages that were made to the network.",
          },
          {
            guard: 'streamIsRefused',
            target: 'probing',
            actions: ['noteAnswer', 'reportMatch', 'backUp'],
            description: "streamIsRefused: The follower's log does not agree after all, at a message that is still under way.\nnoteAnswer: Which round of confirmation the follower has answered.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.\nbackUp: Skips a whole conflicting term at a time (paper, end of section 5.3).",
          },
        ],
        lost: {
          guard: 'isInFlight',
          target: 'probing',
          actions: 'continueFromMatch',
          description: "isInFlight: The message that was lost is one that is counted as under way.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.",
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
                description: "untilHeartbeat: One heartbeat after the last message.\nheartbeatIsDue: Nothing was sent for a heartbeat.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
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
          always: {
            guard: 'allIsAcknowledged',
            target: 'settling',
            description: 'allIsAcknowledged: The follower has the whole log, and nothing is under way.',
          },
          on: {
            appended: [
              {
                guard: 'windowIsFull',
                description: 'windowIsFull: As many messages, or bytes, are under way as may be.',
              },
              {
                actions: ['fillWindow', 'send'],
                description: "fillWindow: As many requests as the window takes, each with as many entries as a request takes.\nsend: Gives the messages that were made to the network.",
              },
            ],
          },
          after: {
            untilReview: [
              {
                guard: 'reviewIsLate',
                target: 'overdue',
                description: "untilReview: Until the oldest message under way is given up, or a heartbeat is due.\nreviewIsLate: The event loop stood still: answers may lie in a socket.",
              },
              {
                guard: 'oldestIsOverdue',
                target: '#replicator.probing',
                actions: 'continueFromMatch',
                description: "untilReview: Until the oldest message under way is given up, or a heartbeat is due.\noldestIsOverdue: The oldest message under way was not answered within a heartbeat.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.",
              },
              {
                guard: 'heartbeatIsDue',
                target: 'streaming',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
                description: "untilReview: Until the oldest message under way is given up, or a heartbeat is due.\nheartbeatIsDue: Nothing was sent for a heartbeat.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
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
                description: "oldestIsOverdue: The oldest message under way was not answered within a heartbeat.\ncontinueFromMatch: Gives all slots back and goes on behind what is known to agree.",
              },
              {
                guard: 'heartbeatIsDue',
                target: 'streaming',
                actions: ['makeHeartbeat', 'send'],
                description: "heartbeatIsDue: Nothing was sent for a heartbeat.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
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
                description: "commitNotice: How long the news of a commit waits for entries to travel with.\ncommitIsUntold: The follower could apply more than it has been told of.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
              },
              {
                guard: 'heartbeatIsDue',
                target: 'settling',
                reenter: true,
                actions: ['makeHeartbeat', 'send'],
                description: "commitNotice: How long the news of a commit waits for entries to travel with.\nheartbeatIsDue: Nothing was sent for a heartbeat.\nmakeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
              },
              {
                guard: 'commitIsAwaited',
                target: 'settling',
                reenter: true,
                description: "commitNotice: How long the news of a commit waits for entries to travel with.\ncommitIsAwaited: The follower has entries of which it does not know yet whether they are committed.",
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
          {
            guard: 'snapshotIsInstalled',
            target: 'replicating',
            actions: ['noteInstalled', 'reportMatch'],
            description: "snapshotIsInstalled: The follower has taken over this snapshot, or a later one.\nnoteInstalled: The logs agree up to where the snapshot reaches; entries follow.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.",
          },
          {
            guard: 'chunkIsTaken',
            actions: ['noteAnswer', 'reportMatch', 'noteOffset', 'readChunk'],
            description: "chunkIsTaken: The follower misses another byte than the chunk's first: the one behind it, or, if it lost what it had, any.\nnoteAnswer: Which round of confirmation the follower has answered.\nreportMatch: Tells raft how far the logs agree, and that the follower is there.\nnoteOffset: Which byte the follower misses next.\nreadChunk: Answers with chunkRead.",
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
              description: "noteHeld: Which snapshot is being sent: it stays readable until the transfer ends.\nreadChunk: Answers with chunkRead.",
            },
            snapshotMissing: {
              actions: ['makeHeartbeat', 'send'],
              description: "makeHeartbeat: Speaks of matchIndex alone, so that it can be refused by nobody and needs no slot.\nsend: Gives the messages that were made to the network.",
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
          on: {
            chunkRead: [
              {
                guard: 'chunkIsOutdated',
                description: 'chunkIsOutdated: The transfer has moved on since this chunk was asked for.',
              },
              {
                actions: ['makeChunk', 'send'],
                description: "makeChunk: The next part of the snapshot (paper, figure 13).\nsend: Gives the messages that were made to the network.",
              },
            ],
          },
          after: {
            retransmissionTime: [
              {
                guard: 'chunkIsOverdue',
                target: 'sending',
                reenter: true,
                actions: 'readChunk',
                description: "retransmissionTime: One heartbeat: what was not answered by then is sent again.\nchunkIsOverdue: The last chunk was not answered within a heartbeat.\nreadChunk: Answers with chunkRead.",
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
