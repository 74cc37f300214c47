/**
 * Who leads, whom to vote for, what is committed. Written by `xstate-raft charts`: the stubs decide and do
 * nothing.
 */
import { createMachine, setup } from 'xstate';

export const raftMachine = setup({
  actors: {
    replicator: createMachine({}),
  },
  guards: {
    termMustBeAdopted: () => false,
    termIsLower: () => false,
    replyTermIsHigher: () => false,
    seenTermIsHigher: () => false,
    /** A leader was heard within the minimum election timeout (dissertation, section 4.2.3). */
    leaderIsAlive: () => false,
    hasVotedForAnother: () => false,
    /** Paper, section 5.4.1. */
    candidateLogIsBehind: () => false,
    /** A leader was heard since the timer was set. */
    deadlineHasMoved: () => false,
    /** The event loop stood still: what arrived meanwhile may lie in a socket. */
    timerIsLate: () => false,
    /** Pre-vote is on (dissertation, section 9.6). */
    asksBeforeStanding: () => false,
    isNoVoter: () => false,
    voteCounts: () => false,
    voteIsRefused: () => false,
    hasMajorityOfVotes: () => false,
    /** Durable before counted. */
    ownVoteIsDurable: () => false,
    /** The consistency check of AppendEntries (paper, section 5.3). */
    previousEntryMatches: () => false,
    snapshotIsKnown: () => false,
    chunkIsOfAnotherTerm: () => false,
    stagedSnapshotIsKnown: () => false,
    snapshotIsComplete: () => false,
    snapshotIsNewer: () => false,
    installedSnapshotIsDurable: () => false,
    /** What a promised reply speaks of is durable. */
    aReplyIsDue: () => false,
    /** Only entries of the current term commit by counting (paper, section 5.4.2). */
    aMajorityHoldsMore: () => false,
    opensTermWithNoop: () => false,
    termHasNoEntry: () => false,
    entryOfThisTermIsCommitted: () => false,
    isOfThisTerm: () => false,
    quorumIsUnchecked: () => false,
    /** Within the last election timeout. */
    aMajorityAnswered: () => false,
    quorumTimerIsLate: () => false,
    targetIsAnotherVoter: () => false,
    targetIsUpToDate: () => false,
    readsCanBeConfirmed: () => false,
    roundIsConfirmed: () => false,
    leaderIsKnown: () => false,
    readIndexIsGiven: () => false,
    readIndexIsRefused: () => false,
    readsWait: () => false,
    /** No other leader can have been elected yet (dissertation, section 6.4.1). */
    readsWaitUnderALease: () => false,
  },
  delays: {
    /** Until a leader should have been heard: random anew after each sign of one (paper, section 5.2). */
    untilElectionDeadline: 1000,
    /** One election timeout: by then another leads, or will not (dissertation, section 3.10). */
    transferTimeout: 1000,
    /** One heartbeat: what was not answered by then is asked again (paper, section 5.1). */
    retransmissionTime: 1000,
    /** One election timeout after the last count of those who answered (dissertation, section 6.2). */
    untilQuorumCheck: 1000,
  },
  actions: {
    sendDueReplies: () => {},
    requestPreVotes: () => {},
    requestVotes: () => {},
    adoptCommitIndex: () => {},
    /** To the highest index that a majority holds durably. */
    advanceCommitIndex: () => {},
    openProposals: () => {},
    /** No command is taken into the log from now on. */
    closeProposals: () => {},
    sendTimeoutNow: () => {},
    /** An entry of its own term, by which all before it is committed (paper, section 8). */
    appendNoop: () => {},
    askLeaderForReadIndex: () => {},
    answerReads: () => {},
    answerWaitingReads: () => {},
    passReadIndexOn: () => {},
    refuseReads: () => {},
    refuseRead: () => {},
    compactLog: () => {},
    discardSnapshot: () => {},
    /** That of the request; no vote is given in it yet (paper, section 5.1). */
    adoptTerm: () => {},
    adoptTermOfReply: () => {},
    adoptSeenTerm: () => {},
    setElectionDeadline: () => {},
    forgetLeader: () => {},
    beginPreCandidacy: () => {},
    /** A term of its own, and its own vote (paper, section 5.2). */
    standForElection: () => {},
    noteTransfer: () => {},
    forgetTransfer: () => {},
    countOwnVote: () => {},
    countVote: () => {},
    noteRefusal: () => {},
    grantPreVote: () => {},
    grantVote: () => {},
    /** A request to stand is answered before it is followed: the candidacy has a term of its own. */
    acknowledgeTimeoutNow: () => {},
    refuse: () => {},
    hearLeader: () => {},
    /**
     * Success waits for the entries that it speaks of; a heartbeat on durable ground does not wait for later
     * ones.
     */
    acknowledgeEntries: () => {},
    /** The hint by which the leader skips a whole term at a time (paper, end of section 5.3). */
    refuseEntries: () => {},
    noteDurable: () => {},
    noteCommitIndex: () => {},
    forgetSentReplies: () => {},
    beginTerm: () => {},
    setQuorumDeadline: () => {},
    noteTransferTarget: () => {},
    noteTimeoutNowSent: () => {},
    forgetTransferTarget: () => {},
    noteMatch: () => {},
    /** The read waits for a round of answers that begins after it came in (paper, section 8). */
    queueRead: () => {},
    beginAsking: () => {},
    beginRound: () => {},
    extendLease: () => {},
    giveUpLease: () => {},
    forgetConfirmedReads: () => {},
    forgetWaitingReads: () => {},
    forgetReads: () => {},
    noteSnapshotWrite: () => {},
    noteInstalling: () => {},
    forgetInstalling: () => {},
    acknowledgeKnownSnapshot: () => {},
    acknowledgeChunk: () => {},
    acknowledgeSnapshot: () => {},
    /** The request is looked at again, under its own name, after its term has been dealt with. */
    consider: () => {},
    /** The term and the vote, on the way to the disk. */
    storeHardState: () => {},
    storeSnapshot: () => {},
    handSnapshotToService: () => {},
    /** Paper, figure 2, AppendEntries, steps 3 and 4. The leader's word replaces what conflicts with it. */
    storeEntries: () => {},
    /**
     * Paper, figure 13, steps 6 and 7: what follows the snapshot stays if it continues it, else the snapshot
     * is all.
     */
    replaceLog: () => {},
    /** One actor for each other member, which lives while this node leads. */
    startReplicators: () => {},
    stopReplicators: () => {},
    /** The heartbeats of this round tell who still follows (dissertation, section 6.4). */
    askForConfirmation: () => {},
    /** Answers with socketsRead once the event loop has turned. */
    readSocketsOnce: () => {},
    /** Answers with chunkStaged. */
    stageChunk: () => {},
    /** A replicator that is stopped leaves no state, and so cannot do it. */
    releaseSnapshots: () => {},
  },
}).createMachine({
  id: 'raft',
  description: 'Who leads, whom to vote for, what is committed.',
  always: [
    {
      guard: 'aReplyIsDue',
      actions: ['sendDueReplies', 'forgetSentReplies'],
      description: 'aReplyIsDue: What a promised reply speaks of is durable.',
    },
    { guard: 'installedSnapshotIsDurable', actions: ['handSnapshotToService', 'forgetInstalling'] },
  ],
  on: {
    'received.*': [
      {
        guard: 'termMustBeAdopted',
        target: '.follower',
        actions: ['adoptTerm', 'storeHardState', 'consider'],
        description: "adoptTerm: That of the request; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.\nconsider: The request is looked at again, under its own name, after its term has been dealt with.",
      },
      { guard: 'termIsLower', actions: 'refuse' },
      {
        actions: 'consider',
        description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
      },
    ],
    'replied.*': {
      guard: 'replyTermIsHigher',
      target: '.follower',
      actions: ['adoptTermOfReply', 'storeHardState'],
      description: 'storeHardState: The term and the vote, on the way to the disk.',
    },
    higherTermSeen: {
      guard: 'seenTermIsHigher',
      target: '.follower',
      actions: ['adoptSeenTerm', 'storeHardState'],
      description: 'storeHardState: The term and the vote, on the way to the disk.',
    },
    preVote: [
      {
        guard: 'leaderIsAlive',
        actions: 'refuse',
        description: 'leaderIsAlive: A leader was heard within the minimum election timeout (dissertation, section 4.2.3).',
      },
      { guard: 'hasVotedForAnother', actions: 'refuse' },
      {
        guard: 'candidateLogIsBehind',
        actions: 'refuse',
        description: 'candidateLogIsBehind: Paper, section 5.4.1.',
      },
      { actions: 'grantPreVote' },
    ],
    requestVote: [
      {
        guard: 'leaderIsAlive',
        actions: 'refuse',
        description: 'leaderIsAlive: A leader was heard within the minimum election timeout (dissertation, section 4.2.3).',
      },
      { guard: 'hasVotedForAnother', actions: 'refuse' },
      {
        guard: 'candidateLogIsBehind',
        actions: 'refuse',
        description: 'candidateLogIsBehind: Paper, section 5.4.1.',
      },
      {
        target: '.follower',
        actions: ['grantVote', 'storeHardState'],
        description: 'storeHardState: The term and the vote, on the way to the disk.',
      },
    ],
    appendEntries: { actions: 'refuse' },
    installSnapshot: { actions: 'refuse' },
    timeoutNow: { actions: 'refuse' },
    readIndex: { actions: 'refuse' },
    chunkStaged: { actions: ['acknowledgeChunk', 'discardSnapshot'] },
    durable: { actions: 'noteDurable' },
    readIndexRequested: { actions: 'refuseRead' },
    snapshotTaken: [
      { guard: 'snapshotIsNewer', actions: ['compactLog', 'noteSnapshotWrite', 'storeSnapshot'] },
      { actions: 'discardSnapshot' },
    ],
  },
  initial: 'follower',
  states: {
    follower: {
      description: 'Hears a leader, or votes for one.',
      entry: 'setElectionDeadline',
      exit: ['refuseReads', 'forgetReads'],
      on: {
        'received.*': {
          guard: 'termMustBeAdopted',
          actions: ['adoptTerm', 'storeHardState', 'consider'],
          description: "adoptTerm: That of the request; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.\nconsider: The request is looked at again, under its own name, after its term has been dealt with.",
        },
        appendEntries: [
          {
            guard: 'previousEntryMatches',
            actions: [
              'hearLeader',
              'storeEntries',
              'adoptCommitIndex',
              'noteCommitIndex',
              'acknowledgeEntries',
            ],
            description: "previousEntryMatches: The consistency check of AppendEntries (paper, section 5.3).\nstoreEntries: Paper, figure 2, AppendEntries, steps 3 and 4. The leader's word replaces what conflicts with it.\nacknowledgeEntries: Success waits for the entries that it speaks of; a heartbeat on durable ground does not wait for later ones.",
          },
          {
            actions: ['hearLeader', 'refuseEntries'],
            description: 'refuseEntries: The hint by which the leader skips a whole term at a time (paper, end of section 5.3).',
          },
        ],
        installSnapshot: [
          { guard: 'snapshotIsKnown', actions: ['hearLeader', 'acknowledgeKnownSnapshot'] },
          { actions: ['hearLeader', 'stageChunk'], description: 'stageChunk: Answers with chunkStaged.' },
        ],
        chunkStaged: [
          { guard: 'chunkIsOfAnotherTerm', actions: ['acknowledgeChunk', 'discardSnapshot'] },
          { guard: 'stagedSnapshotIsKnown', actions: ['acknowledgeKnownSnapshot', 'discardSnapshot'] },
          {
            guard: 'snapshotIsComplete',
            actions: ['replaceLog', 'noteInstalling', 'acknowledgeSnapshot'],
            description: 'replaceLog: Paper, figure 13, steps 6 and 7: what follows the snapshot stays if it continues it, else the snapshot is all.',
          },
          { actions: 'acknowledgeChunk' },
        ],
        timeoutNow: [
          { guard: 'isNoVoter', actions: 'refuse' },
          {
            target: 'candidate',
            actions: ['acknowledgeTimeoutNow', 'noteTransfer'],
            description: 'acknowledgeTimeoutNow: A request to stand is answered before it is followed: the candidacy has a term of its own.',
          },
        ],
      },
      type: 'parallel',
      states: {
        patience: {
          description: 'How long it waits for a leader before it would be one.',
          initial: 'waiting',
          states: {
            waiting: {
              description: 'The leader has been heard, or a vote granted, within the election timeout.',
              after: {
                untilElectionDeadline: [
                  {
                    guard: 'deadlineHasMoved',
                    target: 'waiting',
                    reenter: true,
                    description: "untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).\ndeadlineHasMoved: A leader was heard since the timer was set.",
                  },
                  {
                    guard: 'isNoVoter',
                    target: 'waiting',
                    reenter: true,
                    actions: 'setElectionDeadline',
                    description: 'untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).',
                  },
                  {
                    guard: 'timerIsLate',
                    target: 'overdue',
                    description: "untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).\ntimerIsLate: The event loop stood still: what arrived meanwhile may lie in a socket.",
                  },
                  {
                    guard: 'asksBeforeStanding',
                    target: '#raft.preCandidate',
                    description: "untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).\nasksBeforeStanding: Pre-vote is on (dissertation, section 9.6).",
                  },
                  {
                    target: '#raft.candidate',
                    description: 'untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).',
                  },
                ],
              },
            },
            overdue: {
              description: 'The timer fired late: a word of the leader may lie in a socket that was not read yet.',
              entry: 'readSocketsOnce',
              on: {
                socketsRead: [
                  {
                    guard: 'deadlineHasMoved',
                    target: 'waiting',
                    description: 'deadlineHasMoved: A leader was heard since the timer was set.',
                  },
                  {
                    guard: 'asksBeforeStanding',
                    target: '#raft.preCandidate',
                    description: 'asksBeforeStanding: Pre-vote is on (dissertation, section 9.6).',
                  },
                  { target: '#raft.candidate' },
                ],
              },
            },
          },
        },
        reads: {
          description: 'Its own service reads here: the leader says from which index on (dissertation, section 6.4).',
          initial: 'none',
          states: {
            none: {
              description: 'Nobody waits for a read index.',
              always: { guard: 'readsWait', target: 'asking', actions: 'beginAsking' },
              on: {
                readIndexRequested: {
                  guard: 'leaderIsKnown',
                  actions: 'queueRead',
                  description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
                },
              },
            },
            asking: {
              description: 'Asks the leader, one time for all reads that wait; those that come now wait for the next.',
              entry: 'askLeaderForReadIndex',
              on: {
                readIndexRequested: {
                  actions: 'queueRead',
                  description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
                },
                'replied.readIndex': [
                  {
                    guard: 'readIndexIsGiven',
                    target: 'none',
                    actions: ['passReadIndexOn', 'forgetConfirmedReads'],
                  },
                  { guard: 'readIndexIsRefused', target: 'none', actions: ['refuseReads', 'forgetReads'] },
                ],
              },
              after: {
                retransmissionTime: {
                  target: 'asking',
                  reenter: true,
                  description: 'retransmissionTime: One heartbeat: what was not answered by then is asked again (paper, section 5.1).',
                },
              },
            },
          },
        },
      },
    },
    preCandidate: {
      description: 'Asks whether it would be elected, before it disturbs anyone with a higher term.',
      entry: ['forgetLeader', 'beginPreCandidacy'],
      always: { guard: 'hasMajorityOfVotes', target: 'candidate' },
      on: {
        'replied.preVote': { guard: 'voteCounts', actions: 'countVote' },
        appendEntries: {
          target: 'follower',
          actions: 'consider',
          description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
        },
        installSnapshot: {
          target: 'follower',
          actions: 'consider',
          description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
        },
      },
      initial: 'asking',
      states: {
        asking: {
          description: 'Asks whoever has not said yes, again and again: a request or its answer may be lost.',
          entry: 'requestPreVotes',
          after: {
            retransmissionTime: {
              target: 'asking',
              reenter: true,
              description: 'retransmissionTime: One heartbeat: what was not answered by then is asked again (paper, section 5.1).',
            },
          },
        },
      },
    },
    candidate: {
      description: 'Stands for election in a term of its own.',
      entry: ['setElectionDeadline', 'standForElection', 'storeHardState'],
      exit: 'forgetTransfer',
      on: {
        appendEntries: {
          target: 'follower',
          actions: 'consider',
          description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
        },
        installSnapshot: {
          target: 'follower',
          actions: 'consider',
          description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
        },
      },
      after: {
        untilElectionDeadline: [
          {
            guard: 'asksBeforeStanding',
            target: 'preCandidate',
            description: "untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).\nasksBeforeStanding: Pre-vote is on (dissertation, section 9.6).",
          },
          {
            target: 'candidate',
            reenter: true,
            description: 'untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).',
          },
        ],
      },
      initial: 'voting',
      states: {
        voting: {
          description: 'Its own vote is being made durable; until then it neither counts nor asks.',
          always: {
            guard: 'ownVoteIsDurable',
            target: 'canvassing',
            description: 'ownVoteIsDurable: Durable before counted.',
          },
        },
        canvassing: {
          description: 'Collects votes.',
          entry: 'countOwnVote',
          always: { guard: 'hasMajorityOfVotes', target: '#raft.leader' },
          on: {
            'replied.requestVote': [
              { guard: 'voteCounts', actions: 'countVote' },
              { guard: 'voteIsRefused', actions: 'noteRefusal' },
            ],
          },
          initial: 'asking',
          states: {
            asking: {
              description: 'Asks whoever has not answered yet (paper, section 5.1: RPCs are retried).',
              entry: 'requestVotes',
              after: {
                retransmissionTime: {
                  target: 'asking',
                  reenter: true,
                  description: 'retransmissionTime: One heartbeat: what was not answered by then is asked again (paper, section 5.1).',
                },
              },
            },
          },
        },
      },
    },
    leader: {
      description: 'Takes proposals, replicates them and says what is committed.',
      meta: { spawns: 'replicator' },
      entry: ['beginTerm', 'openProposals'],
      exit: [
        'closeProposals',
        'stopReplicators',
        'releaseSnapshots',
        'refuseReads',
        'forgetReads',
        'forgetLeader',
      ],
      always: {
        guard: 'aMajorityHoldsMore',
        actions: ['advanceCommitIndex', 'noteCommitIndex'],
        description: "aMajorityHoldsMore: Only entries of the current term commit by counting (paper, section 5.4.2).\nadvanceCommitIndex: To the highest index that a majority holds durably.",
      },
      on: {
        matched: { guard: 'isOfThisTerm', actions: 'noteMatch' },
        readIndexRequested: {
          actions: 'queueRead',
          description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
        },
        readIndex: {
          actions: 'queueRead',
          description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
        },
      },
      type: 'parallel',
      states: {
        authority: {
          description: 'How far the leader may speak for the cluster.',
          always: [
            { guard: 'roundIsConfirmed', actions: ['extendLease', 'answerReads', 'forgetConfirmedReads'] },
            {
              guard: 'readsCanBeConfirmed',
              actions: ['beginRound', 'askForConfirmation'],
              description: 'askForConfirmation: The heartbeats of this round tell who still follows (dissertation, section 6.4).',
            },
          ],
          initial: 'opening',
          states: {
            opening: {
              description: 'The term is opened, with an entry of its own where that is wanted.',
              always: [
                {
                  guard: 'opensTermWithNoop',
                  target: 'unconfirmed',
                  actions: ['appendNoop', 'startReplicators'],
                  description: "appendNoop: An entry of its own term, by which all before it is committed (paper, section 8).\nstartReplicators: One actor for each other member, which lives while this node leads.",
                },
                {
                  target: 'unconfirmed',
                  actions: 'startReplicators',
                  description: 'startReplicators: One actor for each other member, which lives while this node leads.',
                },
              ],
            },
            unconfirmed: {
              description: 'Nothing of this term is committed yet: what is committed is not fully known (section 5.4.2).',
              always: { guard: 'entryOfThisTermIsCommitted', target: 'established' },
              on: {
                readIndexRequested: [
                  {
                    guard: 'termHasNoEntry',
                    actions: ['queueRead', 'appendNoop'],
                    description: "queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).\nappendNoop: An entry of its own term, by which all before it is committed (paper, section 8).",
                  },
                  {
                    actions: 'queueRead',
                    description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
                  },
                ],
                readIndex: [
                  {
                    guard: 'termHasNoEntry',
                    actions: ['queueRead', 'appendNoop'],
                    description: "queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).\nappendNoop: An entry of its own term, by which all before it is committed (paper, section 8).",
                  },
                  {
                    actions: 'queueRead',
                    description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
                  },
                ],
              },
            },
            established: {
              description: 'An entry of this term is committed, and all before it.',
              always: {
                guard: 'readsWaitUnderALease',
                actions: ['answerWaitingReads', 'forgetWaitingReads'],
                description: 'readsWaitUnderALease: No other leader can have been elected yet (dissertation, section 6.4.1).',
              },
              on: {
                transferAsked: {
                  guard: 'targetIsAnotherVoter',
                  target: 'transferring',
                  actions: 'noteTransferTarget',
                },
              },
            },
            transferring: {
              description: 'Takes no proposals until another leads, or has failed to (dissertation, section 3.10).',
              entry: 'closeProposals',
              exit: 'forgetTransferTarget',
              always: {
                guard: 'targetIsUpToDate',
                actions: ['giveUpLease', 'sendTimeoutNow', 'noteTimeoutNowSent'],
              },
              after: {
                transferTimeout: {
                  target: 'established',
                  actions: 'openProposals',
                  description: 'transferTimeout: One election timeout: by then another leads, or will not (dissertation, section 3.10).',
                },
              },
            },
          },
        },
        quorum: {
          description: 'Whether a majority still answers; a leader that it does not answer steps down.',
          initial: 'watching',
          states: {
            watching: {
              description: 'The next count of answers is set.',
              entry: 'setQuorumDeadline',
              after: {
                untilQuorumCheck: [
                  {
                    guard: 'quorumIsUnchecked',
                    target: 'watching',
                    reenter: true,
                    description: 'untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).',
                  },
                  {
                    guard: 'aMajorityAnswered',
                    target: 'watching',
                    reenter: true,
                    description: "untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).\naMajorityAnswered: Within the last election timeout.",
                  },
                  {
                    guard: 'quorumTimerIsLate',
                    target: 'overdue',
                    description: 'untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).',
                  },
                  {
                    target: '#raft.follower',
                    description: 'untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).',
                  },
                ],
              },
            },
            overdue: {
              description: 'The timer fired late: answers may lie in sockets that were not read yet.',
              entry: 'readSocketsOnce',
              on: {
                socketsRead: [
                  {
                    guard: 'aMajorityAnswered',
                    target: 'watching',
                    description: 'aMajorityAnswered: Within the last election timeout.',
                  },
                  { target: '#raft.follower' },
                ],
              },
            },
          },
        },
      },
    },
  },
});
