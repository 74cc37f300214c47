/** What the raft chart asks before it decides. Each is a statement about the context and the event, without effect. */
import { assertEvent } from 'xstate';
import { isMajority, majorityValue } from './configuration.ts';
import { lateTimerMs } from './limits.ts';
import type { Given, PromisedReply, RaftContext } from './raft.context.ts';
import { commitIsKnown, readGuards } from './raft.reads.ts';

/**
 * "A live leader was heard within the minimum election timeout" (dissertation, section 4.2.3); a leader hears itself.
 * Also where another term has begun since, as a reply may tell: the lease of the one who was heard holds all the same.
 */
function aLeaderIsAlive(context: RaftContext): boolean {
  return (
    context.leader === context.me ||
    context.clock.now() - context.leaderHeardAt < context.options.electionTimeoutMinMs
  );
}

/** Paper, section 5.4.1: the later last term wins; of equal terms, the longer log. */
function isUpToDate(context: RaftContext, log: { lastLogIndex: number; lastLogTerm: number }): boolean {
  return (
    log.lastLogTerm > context.log.lastTerm ||
    (log.lastLogTerm === context.log.lastTerm && log.lastLogIndex >= context.log.lastIndex)
  );
}

/** Of a leader: the highest index that is durable on a majority. */
export function majorityMatch(context: RaftContext): number {
  return majorityValue(context.configuration, (id) =>
    id === context.me ? context.durableIndex : (context.matchIndex[id] ?? 0),
  );
}

/** What the reply speaks of is durable. */
export function isDue(context: RaftContext, promised: PromisedReply): boolean {
  return promised.sequence <= context.durableSequence && promised.index <= context.durableIndex;
}

export const raftGuards = {
  // Terms (paper, section 5.1). A pre-vote speaks of a term that nobody has entered, and a vote request that a live
  // leader's follower turns away must not disturb: neither changes the term.
  /** The request is of a higher term, and no pre-vote, nor a vote request while a live leader is heard. */
  termMustBeAdopted: ({ context, event }: Given) => {
    if (!('request' in event) || event.request.term <= context.term) return false;
    if (event.request.type === 'preVote') return false;
    return !(
      event.request.type === 'requestVote' &&
      aLeaderIsAlive(context) &&
      !event.request.leadershipTransfer
    );
  },
  /** The request is of an earlier term. */
  termIsLower: ({ context, event }: Given) => 'request' in event && event.request.term < context.term,
  /** The reply is of a later term than this node's, and not the one that a granted pre-vote speaks of. */
  replyTermIsHigher: ({ context, event }: Given) => {
    assertEvent(event, ['replied.preVote', 'replied.requestVote', 'replied.timeoutNow', 'replied.readIndex']);
    // One that grants a pre-vote carries the term asked about, which nobody has entered.
    if (event.type === 'replied.preVote' && event.reply.voteGranted) return false;
    return event.reply.term > context.term;
  },
  /** A replicator has seen a later term than this node's. */
  seenTermIsHigher: ({ context, event }: Given) =>
    event.type === 'higherTermSeen' && event.term > context.term,

  // Elections (paper, section 5.2 and 5.4.1)
  /** A leader was heard within the minimum election timeout (dissertation, section 4.2.3). */
  leaderIsAlive: ({ context, event }: Given) => {
    assertEvent(event, ['preVote', 'requestVote']);
    if (event.type === 'requestVote' && event.request.leadershipTransfer) return false;
    return aLeaderIsAlive(context);
  },
  /** In the term of the request this node has given its vote to another (paper, section 5.2). */
  hasVotedForAnother: ({ context, event }: Given) => {
    assertEvent(event, ['preVote', 'requestVote']);
    const { votedFor, term } = context;
    // A pre-vote speaks of a term that this node may not have entered: there it has not voted.
    return event.request.term === term && votedFor !== null && votedFor !== event.request.from;
  },
  /** Paper, section 5.4.1. */
  candidateLogIsBehind: ({ context, event }: Given) => {
    assertEvent(event, ['preVote', 'requestVote']);
    return !isUpToDate(context, event.request);
  },
  /** A leader was heard since the timer was set. */
  deadlineHasMoved: ({ context }: Given) => context.clock.now() < context.electionDeadline,
  /** The event loop stood still: what arrived meanwhile may lie in a socket. */
  timerIsLate: ({ context }: Given) => context.clock.now() > context.electionDeadline + lateTimerMs,
  /** Pre-vote is on (dissertation, section 9.6). */
  asksBeforeStanding: ({ context }: Given) => context.options.preVote,
  /** This node is not among the voters of the configuration. */
  isNoVoter: ({ context }: Given) => !context.configuration.voters.includes(context.me),
  /** The vote is granted, and in this very candidacy. */
  voteCounts: ({ context, event }: Given) => {
    assertEvent(event, ['replied.preVote', 'replied.requestVote']);
    const { reply, call } = event;
    return reply.voteGranted && call.stay === context.stay && reply.term === call.term;
  },
  /** The vote is refused for good, in this very candidacy: that voter need not be asked again. */
  voteIsRefused: ({ context, event }: Given) => {
    assertEvent(event, 'replied.requestVote');
    const { reply, call } = event;
    // One of a lower term turns the request away because a leader is alive, which may change.
    return !reply.voteGranted && call.stay === context.stay && reply.term === call.term;
  },
  /** A majority of the voters has granted its vote (paper, section 5.2). */
  hasMajorityOfVotes: ({ context }: Given) =>
    isMajority(context.configuration, (id) => context.votes.includes(id)),
  /** Durable before counted. */
  ownVoteIsDurable: ({ context }: Given) => context.durableSequence >= context.hardStateSequence,

  // Replication (paper, section 5.3)
  /** The consistency check of AppendEntries (paper, section 5.3). */
  previousEntryMatches: ({ context, event }: Given) => {
    assertEvent(event, 'appendEntries');
    const { prevLogIndex, prevLogTerm } = event.request;
    // What a snapshot stands for is committed, so every leader's log agrees with it.
    return prevLogIndex < context.log.snapshotIndex || context.log.termAt(prevLogIndex) === prevLogTerm;
  },
  /** All that the snapshot offered stands for is committed here already. */
  snapshotIsKnown: ({ context, event }: Given) => {
    assertEvent(event, 'installSnapshot');
    return event.request.lastIncludedIndex <= context.log.commitIndex;
  },
  /** Another term has begun since the chunk came in. */
  chunkIsOfAnotherTerm: ({ context, event }: Given) => {
    assertEvent(event, 'chunkStaged');
    return event.term !== context.term;
  },
  /** All that the gathered snapshot stands for has been committed here meanwhile. */
  stagedSnapshotIsKnown: ({ context, event }: Given) => {
    assertEvent(event, 'chunkStaged');
    return event.snapshot.index <= context.log.commitIndex;
  },
  /** With this chunk the snapshot is whole (paper, figure 13). */
  snapshotIsComplete: ({ event }: Given) => {
    assertEvent(event, 'chunkStaged');
    return event.done;
  },
  /** The service's snapshot reaches further than the log's last one, and no further than what is committed. */
  snapshotIsNewer: ({ context, event }: Given) => {
    assertEvent(event, 'snapshotTaken');
    return (
      event.snapshot.index > context.log.snapshotIndex && event.snapshot.index <= context.log.commitIndex
    );
  },
  /** The snapshot that replaced the log is on the disk. */
  installedSnapshotIsDurable: ({ context }: Given) =>
    context.installing !== null && context.durableSequence >= context.installing.sequence,

  // Durable before said
  /** What a promised reply speaks of is durable. */
  aReplyIsDue: ({ context }: Given) => context.promises.some((promised) => isDue(context, promised)),

  // Leading (paper, section 5.4.2: only entries of the current term commit by counting)
  /** Only entries of the current term commit by counting (paper, section 5.4.2). */
  aMajorityHoldsMore: ({ context }: Given) => {
    const index = majorityMatch(context);
    return index > context.log.commitIndex && context.log.termAt(index) === context.term;
  },
  /** A leader begins its term with an entry of its own (paper, section 8). */
  opensTermWithNoop: ({ context }: Given) => context.options.noopAtTermStart,
  /** The leader's term has no entry yet. */
  termHasNoEntry: ({ context }: Given) => context.log.lastIndex < context.termStart,
  /** An entry of the leader's own term is committed: it knows all that is (paper, section 8). */
  entryOfThisTermIsCommitted: ({ context }: Given) => commitIsKnown(context),
  /** The replicator that reports belongs to the present leadership. */
  isOfThisTerm: ({ context, event }: Given) => event.type === 'matched' && event.term === context.term,
  /** Check-quorum is off: a leader without a majority stays one until it hears of a later term. */
  quorumIsUnchecked: ({ context }: Given) => !context.options.checkQuorum,
  /** Within the last election timeout. */
  aMajorityAnswered: ({ context }: Given) =>
    isMajority(
      context.configuration,
      (id) =>
        id === context.me ||
        (context.answeredAt[id] ?? Number.NEGATIVE_INFINITY) >
          context.quorumDeadline - context.options.electionTimeoutMaxMs,
    ),
  /** The event loop stood still: answers may lie in a socket. */
  quorumTimerIsLate: ({ context }: Given) => context.clock.now() > context.quorumDeadline + lateTimerMs,

  // Handing over (dissertation, section 3.10)
  /** Leadership is asked to go to another member that has a vote. */
  targetIsAnotherVoter: ({ context, event }: Given) => {
    assertEvent(event, 'transferAsked');
    return event.to !== context.me && context.configuration.voters.includes(event.to);
  },
  /** The one that is to lead has the whole log, and has not been told yet to stand. */
  targetIsUpToDate: ({ context }: Given) =>
    !context.timeoutNowSent &&
    context.transferTo !== null &&
    (context.matchIndex[context.transferTo] ?? 0) === context.log.lastIndex,

  ...readGuards,
};
