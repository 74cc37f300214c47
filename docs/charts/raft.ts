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
    /** The request is of a higher term, and no pre-vote, nor a vote request while a live leader is heard. */
    termMustBeAdopted: () => false,
    /** The request is of an earlier term. */
    termIsLower: () => false,
    /** The reply is of a later term than this node's, and not the one that a granted pre-vote speaks of. */
    replyTermIsHigher: () => false,
    /** A replicator has seen a later term than this node's. */
    seenTermIsHigher: () => false,
    /** A leader was heard within the minimum election timeout (dissertation, section 4.2.3). */
    leaderIsAlive: () => false,
    /** In the term of the request this node has given its vote to another (paper, section 5.2). */
    hasVotedForAnother: () => false,
    /** Paper, section 5.4.1. */
    candidateLogIsBehind: () => false,
    /** A leader was heard since the timer was set. */
    deadlineHasMoved: () => false,
    /** The event loop stood still: what arrived meanwhile may lie in a socket. */
    timerIsLate: () => false,
    /** Pre-vote is on (dissertation, section 9.6). */
    asksBeforeStanding: () => false,
    /** This node is not among the voters of the configuration. */
    isNoVoter: () => false,
    /** The vote is granted, and in this very candidacy. */
    voteCounts: () => false,
    /** The vote is refused for good, in this very candidacy: that voter need not be asked again. */
    voteIsRefused: () => false,
    /** A majority of the voters has granted its vote (paper, section 5.2). */
    hasMajorityOfVotes: () => false,
    /** Durable before counted. */
    ownVoteIsDurable: () => false,
    /** The consistency check of AppendEntries (paper, section 5.3). */
    previousEntryMatches: () => false,
    /** All that the snapshot offered stands for is committed here already. */
    snapshotIsKnown: () => false,
    /** Another term has begun since the chunk came in. */
    chunkIsOfAnotherTerm: () => false,
    /** All that the gathered snapshot stands for has been committed here meanwhile. */
    stagedSnapshotIsKnown: () => false,
    /** With this chunk the snapshot is whole (paper, figure 13). */
    snapshotIsComplete: () => false,
    /**
     * The service's snapshot reaches further than the log's last one, and no further than what is committed.
     */
    snapshotIsNewer: () => false,
    /** The snapshot that replaced the log is on the disk. */
    installedSnapshotIsDurable: () => false,
    /** What a promised reply speaks of is durable. */
    aReplyIsDue: () => false,
    /** Only entries of the current term commit by counting (paper, section 5.4.2). */
    aMajorityHoldsMore: () => false,
    /** A leader begins its term with an entry of its own (paper, section 8). */
    opensTermWithNoop: () => false,
    /** The leader's term has no entry yet. */
    termHasNoEntry: () => false,
    /** An entry of the leader's own term is committed: it knows all that is (paper, section 8). */
    entryOfThisTermIsCommitted: () => false,
    /** The replicator that reports belongs to the present leadership. */
    isOfThisTerm: () => false,
    /** Check-quorum is off: a leader without a majority stays one until it hears of a later term. */
    quorumIsUnchecked: () => false,
    /** Within the last election timeout. */
    aMajorityAnswered: () => false,
    /** The event loop stood still: answers may lie in a socket. */
    quorumTimerIsLate: () => false,
    /** Leadership is asked to go to another member that has a vote. */
    targetIsAnotherVoter: () => false,
    /** The one that is to lead has the whole log, and has not been told yet to stand. */
    targetIsUpToDate: () => false,
    /** Reads wait that no lease answers, and an entry of this term is committed. */
    readsCanBeConfirmed: () => false,
    /**
     * A majority has answered a message that was sent after the reads came in (dissertation, section 6.4).
     */
    roundIsConfirmed: () => false,
    /**
     * The asker says after its reads came in that it is in this term, as an answer to a round would: where it
     * is a majority with this node, nobody else had been elected when they came.
     */
    askingConfirms: () => false,
    /** This node knows who leads. */
    leaderIsKnown: () => false,
    /** The leader has given a read index for the reads that wait. */
    readIndexIsGiven: () => false,
    /** The one that was asked for a read index could not give one. */
    readIndexIsRefused: () => false,
    /** Somebody waits for a read index. */
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
    /** A peer that was asked has had time to answer; when all have been, as long as for any other request. */
    confirmationPatience: 1000,
    /** One election timeout after the last count of those who answered (dissertation, section 6.2). */
    untilQuorumCheck: 1000,
  },
  actions: {
    /** A follower's reads need the leader's word (dissertation, section 6.4). */
    askLeaderForReadIndex: () => {},
    /** Gives those that are confirmed their read index. */
    answerReads: () => {},
    /** Gives a follower what is committed now: its question speaks for the majority. */
    answerAsker: () => {},
    /** Gives those that wait what is committed now: the lease speaks for the majority. */
    answerWaitingReads: () => {},
    /** Gives those that wait the leader's read index. */
    passReadIndexOn: () => {},
    /** Tells all that wait that there is no read index to be had here now. */
    refuseReads: () => {},
    /** Tells this one that there is no read index to be had here now. */
    refuseRead: () => {},
    /** Those replies that speak of what is durable by now. */
    sendDueReplies: () => {},
    /** Asks who would vote for it in the next term (dissertation, section 9.6). */
    requestPreVotes: () => {},
    /** Asks every voter whose word is still to come (paper, figure 2, RequestVote). */
    requestVotes: () => {},
    /** What the leader says is committed, as far as the logs are known to agree (paper, figure 2). */
    adoptCommitIndex: () => {},
    /** To the highest index that a majority holds durably. */
    advanceCommitIndex: () => {},
    /** From now on commands are taken into the log, in this term. */
    openProposals: () => {},
    /** No command is taken into the log from now on. */
    closeProposals: () => {},
    /** Tells the one that is to lead to stand at once (dissertation, section 3.10). */
    sendTimeoutNow: () => {},
    /** An entry of its own term, by which all before it is committed (paper, section 8). */
    appendNoop: () => {},
    /** Lets go of the entries that the snapshot stands for (paper, section 7). */
    compactLog: () => {},
    /** The snapshot is not needed; what was gathered of it is let go. */
    discardSnapshot: () => {},
    /** The read waits for a round of answers that begins after it came in (paper, section 8). */
    queueRead: () => {},
    /** The reads that wait are asked for now; later ones wait for the next time. */
    beginAsking: () => {},
    /** The reads that wait are confirmed by this round, at what is committed now (paper, section 8). */
    beginRound: () => {},
    /** Whoever is silent is asked last from now on, until it answers. */
    askAll: () => {},
    /**
     * From when the round was sent, an election timeout less what clocks may drift (dissertation, section
     * 6.4.1).
     */
    extendLease: () => {},
    /** Whoever is asked to take over may be elected at once. */
    giveUpLease: () => {},
    /** Those that have their answer. */
    forgetConfirmedReads: () => {},
    /** Those that have their answer without a round of their own. */
    forgetWaitingReads: () => {},
    /** Those that were told no. */
    forgetReads: () => {},
    /** That of the request; no vote is given in it yet (paper, section 5.1). */
    adoptTerm: () => {},
    /** That of the reply; no vote is given in it yet (paper, section 5.1). */
    adoptTermOfReply: () => {},
    /** The one that a replicator has seen; no vote is given in it yet (paper, section 5.1). */
    adoptSeenTerm: () => {},
    /** A new one, drawn at random (paper, section 5.2). */
    setElectionDeadline: () => {},
    /** Nobody is known to lead. */
    forgetLeader: () => {},
    /** Counts votes anew, with its own, and without a term of its own (dissertation, section 9.6). */
    beginPreCandidacy: () => {},
    /** A term of its own, and its own vote (paper, section 5.2). */
    standForElection: () => {},
    /**
     * The leader has asked this node to stand: live leaders need not hold voters back (dissertation, section
     * 3.10).
     */
    noteTransfer: () => {},
    /** The next candidacy is one of its own accord. */
    forgetTransfer: () => {},
    /** Its own vote, which is durable by now. */
    countOwnVote: () => {},
    /** The vote of whoever has answered, once. */
    countVote: () => {},
    /** This voter is not asked again in this candidacy. */
    noteRefusal: () => {},
    /** It would vote for whoever asks; its term and vote stay as they are (dissertation, section 9.6). */
    grantPreVote: () => {},
    /** Its vote of this term; the answer leaves when the vote is durable (paper, figure 2, RequestVote). */
    grantVote: () => {},
    /** A request to stand is answered before it is followed: the candidacy has a term of its own. */
    acknowledgeTimeoutNow: () => {},
    /** No, in the current term. */
    refuse: () => {},
    /** Whoever sends this leads; a new deadline is drawn (paper, section 5.2). */
    hearLeader: () => {},
    /**
     * Success waits for the entries that it speaks of; a heartbeat on durable ground does not wait for later
     * ones.
     */
    acknowledgeEntries: () => {},
    /** The hint by which the leader skips a whole term at a time (paper, end of section 5.3). */
    refuseEntries: () => {},
    /** How far the disk has come, unless a later truncation has overtaken it. */
    noteDurable: () => {},
    /** What is committed, for those who look at the chart. */
    noteCommitIndex: () => {},
    /** Those that have left. */
    forgetSentReplies: () => {},
    /** Nothing is known yet of the others' logs; its own entries of the term begin behind the log's end. */
    beginTerm: () => {},
    /** When a majority must have answered next (dissertation, section 6.2). */
    setQuorumDeadline: () => {},
    /** Whom leadership is to go to. */
    noteTransferTarget: () => {},
    /** It is told once. */
    noteTimeoutNowSent: () => {},
    /** The handing over has come to an end, one way or the other. */
    forgetTransferTarget: () => {},
    /** How far that follower's log agrees, that it has answered, and in which round. */
    noteMatch: () => {},
    /** One write more is asked of the disk. */
    noteSnapshotWrite: () => {},
    /** This snapshot replaces the log once it is durable. */
    noteInstalling: () => {},
    /** It is with the service. */
    forgetInstalling: () => {},
    /** It is not needed; the answer waits until what it stands for is durable here. */
    acknowledgeKnownSnapshot: () => {},
    /** Which byte is missing next. */
    acknowledgeChunk: () => {},
    /** It is installed; the answer waits until it is durable. */
    acknowledgeSnapshot: () => {},
    /** The request is looked at again, under its own name, after its term has been dealt with. */
    consider: () => {},
    /** The term and the vote, on the way to the disk. */
    storeHardState: () => {},
    /** The service's snapshot, on the way to the disk. */
    storeSnapshot: () => {},
    /** The service takes it over in place of what it knew (paper, figure 13, step 8). */
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
    /** With leadership they end. */
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
      description: "aReplyIsDue: What a promised reply speaks of is durable.\nsendDueReplies: Those replies that speak of what is durable by now.\nforgetSentReplies: Those that have left.",
    },
    {
      guard: 'installedSnapshotIsDurable',
      actions: ['handSnapshotToService', 'forgetInstalling'],
      description: "installedSnapshotIsDurable: The snapshot that replaced the log is on the disk.\nhandSnapshotToService: The service takes it over in place of what it knew (paper, figure 13, step 8).\nforgetInstalling: It is with the service.",
    },
  ],
  on: {
    'received.*': [
      {
        guard: 'termMustBeAdopted',
        target: '.follower',
        actions: ['adoptTerm', 'storeHardState', 'consider'],
        description: "termMustBeAdopted: The request is of a higher term, and no pre-vote, nor a vote request while a live leader is heard.\nadoptTerm: That of the request; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.\nconsider: The request is looked at again, under its own name, after its term has been dealt with.",
      },
      {
        guard: 'termIsLower',
        actions: 'refuse',
        description: "termIsLower: The request is of an earlier term.\nrefuse: No, in the current term.",
      },
      {
        actions: 'consider',
        description: 'consider: The request is looked at again, under its own name, after its term has been dealt with.',
      },
    ],
    'replied.*': {
      guard: 'replyTermIsHigher',
      target: '.follower',
      actions: ['adoptTermOfReply', 'storeHardState'],
      description: "replyTermIsHigher: The reply is of a later term than this node's, and not the one that a granted pre-vote speaks of.\nadoptTermOfReply: That of the reply; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.",
    },
    higherTermSeen: {
      guard: 'seenTermIsHigher',
      target: '.follower',
      actions: ['adoptSeenTerm', 'storeHardState'],
      description: "seenTermIsHigher: A replicator has seen a later term than this node's.\nadoptSeenTerm: The one that a replicator has seen; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.",
    },
    preVote: [
      {
        guard: 'leaderIsAlive',
        actions: 'refuse',
        description: "leaderIsAlive: A leader was heard within the minimum election timeout (dissertation, section 4.2.3).\nrefuse: No, in the current term.",
      },
      {
        guard: 'hasVotedForAnother',
        actions: 'refuse',
        description: "hasVotedForAnother: In the term of the request this node has given its vote to another (paper, section 5.2).\nrefuse: No, in the current term.",
      },
      {
        guard: 'candidateLogIsBehind',
        actions: 'refuse',
        description: "candidateLogIsBehind: Paper, section 5.4.1.\nrefuse: No, in the current term.",
      },
      {
        actions: 'grantPreVote',
        description: 'grantPreVote: It would vote for whoever asks; its term and vote stay as they are (dissertation, section 9.6).',
      },
    ],
    requestVote: [
      {
        guard: 'leaderIsAlive',
        actions: 'refuse',
        description: "leaderIsAlive: A leader was heard within the minimum election timeout (dissertation, section 4.2.3).\nrefuse: No, in the current term.",
      },
      {
        guard: 'hasVotedForAnother',
        actions: 'refuse',
        description: "hasVotedForAnother: In the term of the request this node has given its vote to another (paper, section 5.2).\nrefuse: No, in the current term.",
      },
      {
        guard: 'candidateLogIsBehind',
        actions: 'refuse',
        description: "candidateLogIsBehind: Paper, section 5.4.1.\nrefuse: No, in the current term.",
      },
      {
        target: '.follower',
        actions: ['grantVote', 'storeHardState'],
        description: "grantVote: Its vote of this term; the answer leaves when the vote is durable (paper, figure 2, RequestVote).\nstoreHardState: The term and the vote, on the way to the disk.",
      },
    ],
    appendEntries: { actions: 'refuse', description: 'refuse: No, in the current term.' },
    installSnapshot: { actions: 'refuse', description: 'refuse: No, in the current term.' },
    timeoutNow: { actions: 'refuse', description: 'refuse: No, in the current term.' },
    readIndex: { actions: 'refuse', description: 'refuse: No, in the current term.' },
    chunkStaged: {
      actions: ['acknowledgeChunk', 'discardSnapshot'],
      description: "acknowledgeChunk: Which byte is missing next.\ndiscardSnapshot: The snapshot is not needed; what was gathered of it is let go.",
    },
    durable: {
      actions: 'noteDurable',
      description: 'noteDurable: How far the disk has come, unless a later truncation has overtaken it.',
    },
    readIndexRequested: {
      actions: 'refuseRead',
      description: 'refuseRead: Tells this one that there is no read index to be had here now.',
    },
    snapshotTaken: [
      {
        guard: 'snapshotIsNewer',
        actions: ['compactLog', 'noteSnapshotWrite', 'storeSnapshot'],
        description: "snapshotIsNewer: The service's snapshot reaches further than the log's last one, and no further than what is committed.\ncompactLog: Lets go of the entries that the snapshot stands for (paper, section 7).\nnoteSnapshotWrite: One write more is asked of the disk.\nstoreSnapshot: The service's snapshot, on the way to the disk.",
      },
      {
        actions: 'discardSnapshot',
        description: 'discardSnapshot: The snapshot is not needed; what was gathered of it is let go.',
      },
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
          description: "termMustBeAdopted: The request is of a higher term, and no pre-vote, nor a vote request while a live leader is heard.\nadoptTerm: That of the request; no vote is given in it yet (paper, section 5.1).\nstoreHardState: The term and the vote, on the way to the disk.\nconsider: The request is looked at again, under its own name, after its term has been dealt with.",
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
            description: "previousEntryMatches: The consistency check of AppendEntries (paper, section 5.3).\nhearLeader: Whoever sends this leads; a new deadline is drawn (paper, section 5.2).\nstoreEntries: Paper, figure 2, AppendEntries, steps 3 and 4. The leader's word replaces what conflicts with it.\nadoptCommitIndex: What the leader says is committed, as far as the logs are known to agree (paper, figure 2).\nnoteCommitIndex: What is committed, for those who look at the chart.\nacknowledgeEntries: Success waits for the entries that it speaks of; a heartbeat on durable ground does not wait for later ones.",
          },
          {
            actions: ['hearLeader', 'refuseEntries'],
            description: "hearLeader: Whoever sends this leads; a new deadline is drawn (paper, section 5.2).\nrefuseEntries: The hint by which the leader skips a whole term at a time (paper, end of section 5.3).",
          },
        ],
        installSnapshot: [
          {
            guard: 'snapshotIsKnown',
            actions: ['hearLeader', 'acknowledgeKnownSnapshot'],
            description: "snapshotIsKnown: All that the snapshot offered stands for is committed here already.\nhearLeader: Whoever sends this leads; a new deadline is drawn (paper, section 5.2).\nacknowledgeKnownSnapshot: It is not needed; the answer waits until what it stands for is durable here.",
          },
          {
            actions: ['hearLeader', 'stageChunk'],
            description: "hearLeader: Whoever sends this leads; a new deadline is drawn (paper, section 5.2).\nstageChunk: Answers with chunkStaged.",
          },
        ],
        chunkStaged: [
          {
            guard: 'chunkIsOfAnotherTerm',
            actions: ['acknowledgeChunk', 'discardSnapshot'],
            description: "chunkIsOfAnotherTerm: Another term has begun since the chunk came in.\nacknowledgeChunk: Which byte is missing next.\ndiscardSnapshot: The snapshot is not needed; what was gathered of it is let go.",
          },
          {
            guard: 'stagedSnapshotIsKnown',
            actions: ['acknowledgeKnownSnapshot', 'discardSnapshot'],
            description: "stagedSnapshotIsKnown: All that the gathered snapshot stands for has been committed here meanwhile.\nacknowledgeKnownSnapshot: It is not needed; the answer waits until what it stands for is durable here.\ndiscardSnapshot: The snapshot is not needed; what was gathered of it is let go.",
          },
          {
            guard: 'snapshotIsComplete',
            actions: ['replaceLog', 'noteInstalling', 'acknowledgeSnapshot'],
            description: "snapshotIsComplete: With this chunk the snapshot is whole (paper, figure 13).\nreplaceLog: Paper, figure 13, steps 6 and 7: what follows the snapshot stays if it continues it, else the snapshot is all.\nnoteInstalling: This snapshot replaces the log once it is durable.\nacknowledgeSnapshot: It is installed; the answer waits until it is durable.",
          },
          { actions: 'acknowledgeChunk', description: 'acknowledgeChunk: Which byte is missing next.' },
        ],
        timeoutNow: [
          {
            guard: 'isNoVoter',
            actions: 'refuse',
            description: "isNoVoter: This node is not among the voters of the configuration.\nrefuse: No, in the current term.",
          },
          {
            target: 'candidate',
            actions: ['acknowledgeTimeoutNow', 'noteTransfer'],
            description: "acknowledgeTimeoutNow: A request to stand is answered before it is followed: the candidacy has a term of its own.\nnoteTransfer: The leader has asked this node to stand: live leaders need not hold voters back (dissertation, section 3.10).",
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
                    description: "untilElectionDeadline: Until a leader should have been heard: random anew after each sign of one (paper, section 5.2).\nisNoVoter: This node is not among the voters of the configuration.\nsetElectionDeadline: A new one, drawn at random (paper, section 5.2).",
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
              always: {
                guard: 'readsWait',
                target: 'asking',
                actions: 'beginAsking',
                description: "readsWait: Somebody waits for a read index.\nbeginAsking: The reads that wait are asked for now; later ones wait for the next time.",
              },
              on: {
                readIndexRequested: {
                  guard: 'leaderIsKnown',
                  actions: 'queueRead',
                  description: "leaderIsKnown: This node knows who leads.\nqueueRead: The read waits for a round of answers that begins after it came in (paper, section 8).",
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
                    description: "readIndexIsGiven: The leader has given a read index for the reads that wait.\npassReadIndexOn: Gives those that wait the leader's read index.\nforgetConfirmedReads: Those that have their answer.",
                  },
                  {
                    guard: 'readIndexIsRefused',
                    target: 'none',
                    actions: ['refuseReads', 'forgetReads'],
                    description: "readIndexIsRefused: The one that was asked for a read index could not give one.\nrefuseReads: Tells all that wait that there is no read index to be had here now.\nforgetReads: Those that were told no.",
                  },
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
      always: {
        guard: 'hasMajorityOfVotes',
        target: 'candidate',
        description: 'hasMajorityOfVotes: A majority of the voters has granted its vote (paper, section 5.2).',
      },
      on: {
        'replied.preVote': {
          guard: 'voteCounts',
          actions: 'countVote',
          description: "voteCounts: The vote is granted, and in this very candidacy.\ncountVote: The vote of whoever has answered, once.",
        },
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
          always: {
            guard: 'hasMajorityOfVotes',
            target: '#raft.leader',
            description: 'hasMajorityOfVotes: A majority of the voters has granted its vote (paper, section 5.2).',
          },
          on: {
            'replied.requestVote': [
              {
                guard: 'voteCounts',
                actions: 'countVote',
                description: "voteCounts: The vote is granted, and in this very candidacy.\ncountVote: The vote of whoever has answered, once.",
              },
              {
                guard: 'voteIsRefused',
                actions: 'noteRefusal',
                description: "voteIsRefused: The vote is refused for good, in this very candidacy: that voter need not be asked again.\nnoteRefusal: This voter is not asked again in this candidacy.",
              },
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
        description: "aMajorityHoldsMore: Only entries of the current term commit by counting (paper, section 5.4.2).\nadvanceCommitIndex: To the highest index that a majority holds durably.\nnoteCommitIndex: What is committed, for those who look at the chart.",
      },
      on: {
        matched: {
          guard: 'isOfThisTerm',
          actions: 'noteMatch',
          description: "isOfThisTerm: The replicator that reports belongs to the present leadership.\nnoteMatch: How far that follower's log agrees, that it has answered, and in which round.",
        },
        readIndexRequested: {
          actions: 'queueRead',
          description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
        },
        readIndex: [
          {
            guard: 'askingConfirms',
            actions: 'answerAsker',
            description: "askingConfirms: The asker says after its reads came in that it is in this term, as an answer to a round would: where it is a majority with this node, nobody else had been elected when they came.\nanswerAsker: Gives a follower what is committed now: its question speaks for the majority.",
          },
          {
            actions: 'queueRead',
            description: 'queueRead: The read waits for a round of answers that begins after it came in (paper, section 8).',
          },
        ],
      },
      type: 'parallel',
      states: {
        authority: {
          description: 'How far the leader may speak for the cluster.',
          initial: 'opening',
          states: {
            opening: {
              description: 'The term is opened, with an entry of its own where that is wanted.',
              always: [
                {
                  guard: 'opensTermWithNoop',
                  target: 'unconfirmed',
                  actions: ['appendNoop', 'startReplicators'],
                  description: "opensTermWithNoop: A leader begins its term with an entry of its own (paper, section 8).\nappendNoop: An entry of its own term, by which all before it is committed (paper, section 8).\nstartReplicators: One actor for each other member, which lives while this node leads.",
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
              always: {
                guard: 'entryOfThisTermIsCommitted',
                target: 'established',
                description: "entryOfThisTermIsCommitted: An entry of the leader's own term is committed: it knows all that is (paper, section 8).",
              },
              on: {
                readIndexRequested: [
                  {
                    guard: 'termHasNoEntry',
                    actions: ['queueRead', 'appendNoop'],
                    description: "termHasNoEntry: The leader's term has no entry yet.\nqueueRead: The read waits for a round of answers that begins after it came in (paper, section 8).\nappendNoop: An entry of its own term, by which all before it is committed (paper, section 8).",
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
                    description: "termHasNoEntry: The leader's term has no entry yet.\nqueueRead: The read waits for a round of answers that begins after it came in (paper, section 8).\nappendNoop: An entry of its own term, by which all before it is committed (paper, section 8).",
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
                description: "readsWaitUnderALease: No other leader can have been elected yet (dissertation, section 6.4.1).\nanswerWaitingReads: Gives those that wait what is committed now: the lease speaks for the majority.\nforgetWaitingReads: Those that have their answer without a round of their own.",
              },
              on: {
                transferAsked: {
                  guard: 'targetIsAnotherVoter',
                  target: 'transferring',
                  actions: 'noteTransferTarget',
                  description: "targetIsAnotherVoter: Leadership is asked to go to another member that has a vote.\nnoteTransferTarget: Whom leadership is to go to.",
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
                description: "targetIsUpToDate: The one that is to lead has the whole log, and has not been told yet to stand.\ngiveUpLease: Whoever is asked to take over may be elected at once.\nsendTimeoutNow: Tells the one that is to lead to stand at once (dissertation, section 3.10).\nnoteTimeoutNowSent: It is told once.",
              },
              after: {
                transferTimeout: {
                  target: 'established',
                  actions: 'openProposals',
                  description: "transferTimeout: One election timeout: by then another leads, or will not (dissertation, section 3.10).\nopenProposals: From now on commands are taken into the log, in this term.",
                },
              },
            },
          },
        },
        reads: {
          description: 'That it still leads is confirmed by a majority, a round for all reads that wait (dissertation, section 6.4).',
          initial: 'none',
          states: {
            none: {
              description: 'No round is under way.',
              always: {
                guard: 'readsCanBeConfirmed',
                target: 'confirming',
                actions: 'beginRound',
                description: "readsCanBeConfirmed: Reads wait that no lease answers, and an entry of this term is committed.\nbeginRound: The reads that wait are confirmed by this round, at what is committed now (paper, section 8).",
              },
            },
            confirming: {
              description: 'Asks no more peers than a majority needs: those who answered soonest.',
              entry: 'askForConfirmation',
              always: {
                guard: 'roundIsConfirmed',
                target: 'none',
                actions: ['extendLease', 'answerReads', 'forgetConfirmedReads'],
                description: "roundIsConfirmed: A majority has answered a message that was sent after the reads came in (dissertation, section 6.4).\nextendLease: From when the round was sent, an election timeout less what clocks may drift (dissertation, section 6.4.1).\nanswerReads: Gives those that are confirmed their read index.\nforgetConfirmedReads: Those that have their answer.",
              },
              after: {
                confirmationPatience: {
                  target: 'confirming',
                  reenter: true,
                  actions: 'askAll',
                  description: "confirmationPatience: A peer that was asked has had time to answer; when all have been, as long as for any other request.\naskAll: Whoever is silent is asked last from now on, until it answers.",
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
                    description: "untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).\nquorumIsUnchecked: Check-quorum is off: a leader without a majority stays one until it hears of a later term.",
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
                    description: "untilQuorumCheck: One election timeout after the last count of those who answered (dissertation, section 6.2).\nquorumTimerIsLate: The event loop stood still: answers may lie in a socket.",
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
