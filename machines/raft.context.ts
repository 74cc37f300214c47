/** What the raft chart remembers and hears. Names are those of figure 2 of the paper where it has one. */
import type { Configuration, NodeId } from './configuration.ts';
import type { Log } from './log.ts';
import type {
  AppendEntriesRequest,
  InstallSnapshotRequest,
  PreVoteReply,
  PreVoteRequest,
  RaftReply,
  RaftRequest,
  ReadIndexReply,
  ReadIndexRequest,
  RequestVoteReply,
  RequestVoteRequest,
  TimeoutNowReply,
  TimeoutNowRequest,
} from './messages.ts';
import type { CallContext, Clock, Network, Random, ReplyToken, SnapshotId, StagedSnapshot } from './ports.ts';
import type { Durable, Matched, Streams } from './streams.ts';

/** Times in ms. */
export interface RaftOptions {
  readonly heartbeatMs: number;
  readonly electionTimeoutMinMs: number;
  readonly electionTimeoutMaxMs: number;
  /**
   * From 0 to 1, which it is unless given: a node of 1 draws its election timeout from the range above, one of 0 from the
   * range of the same length behind it. So it stands first who is preferred as the leader, as long as it is up.
   */
  readonly electionPriority: number;
  /** Ask whether an election could be won before raising the term (dissertation, section 9.6). */
  readonly preVote: boolean;
  /** A leader that a majority has not answered for an election timeout steps down (dissertation, section 6.2). */
  readonly checkQuorum: boolean;
  /** Open each term with an entry of Raft's own, so that the term has something to commit (paper, section 8). */
  readonly noopAtTermStart: boolean;
  /**
   * Answer reads without asking anyone while a lease holds (dissertation, section 6.4.1): from a round that a majority
   * answered, counted from when it was sent, for the minimum election timeout less clockDriftMax. In that time a
   * majority votes for nobody else. It rests on clocks, so that a read may be stale where one breaks the assumption; and
   * on all members having it on, with the same minimum election timeout: one that restarts votes for nobody, and does
   * not stand, for that long, since it may have heard a leader just before. Needs checkQuorum. Off unless given.
   */
  readonly leaseReads: boolean;
  /**
   * What leaseReads assumes of clocks: while one goes on by 1 ms, any other goes on by 1 ± this share, and none stands
   * still. A machine that sleeps, or is frozen and thawed with its clock, breaks that; a process that is paused does not.
   */
  readonly clockDriftMax: number;
}

/** The term in which this node accepts proposals; null while it does not lead. Shared with whoever appends. */
export interface ProposalGate {
  openIn: number | null;
}

/** Whoever waits for a read index: the own service, or a peer for its service. The token is of the one or the other. */
export interface ReadAsked {
  readonly asker: 'service' | 'peer';
  readonly token: number;
}

/** A reply that leaves once what it speaks of is durable. */
export interface PromisedReply {
  readonly token: ReplyToken;
  readonly reply: RaftReply;
  /** The write of the storage that has to be durable first, */
  readonly sequence: number;
  /** and the last of the own entries. */
  readonly index: number;
}

export interface RaftInput {
  readonly me: NodeId;
  /** The Raft group. */
  readonly group: number;
  readonly configuration: Configuration;
  readonly options: RaftOptions;
  /** From stable storage. */
  readonly term: number;
  readonly votedFor: NodeId | null;
  readonly log: Log;
  readonly gate: ProposalGate;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly streams: Streams;
}

export interface RaftContext extends RaftInput {
  /** Who leads the current term, as far as this node knows. */
  readonly leader: NodeId | null;
  /** When a leader was last heard, ms; minus infinity: never. */
  readonly leaderHeardAt: number;
  /** When a follower stops waiting for its leader, and a candidate for votes, ms. */
  readonly electionDeadline: number;
  /** Counts the stays in (pre)candidacies, and the askings for a read index, so that replies to an earlier one are known. */
  readonly stay: number;
  /** The leader itself asked for this candidacy. */
  readonly leadershipTransfer: boolean;
  /** Who granted a (pre-)vote in this stay. */
  readonly votes: readonly NodeId[];
  /** Who refused one in this candidacy: that is final for its term. */
  readonly refusals: readonly NodeId[];

  /** The latest write asked of the storage; the one that holds term and vote; the one of the last truncation. */
  readonly askedSequence: number;
  readonly hardStateSequence: number;
  readonly truncatedSequence: number;
  /** The latest write known to be durable. */
  readonly durableSequence: number;
  /** Own entries are durable up to here. */
  readonly durableIndex: number;
  readonly promises: readonly PromisedReply[];
  /** A received snapshot that the service sees once it is durable. */
  readonly installing: (SnapshotId & { readonly sequence: number }) | null;

  /** As the log has it; here so that a commit is a change that the chart sees. */
  readonly commitIndex: number;

  /** Of a leader: the index that its term began at. */
  readonly termStart: number;
  readonly matchIndex: Readonly<Record<NodeId, number>>;
  /** Of a leader: when each peer last answered, ms. */
  readonly answeredAt: Readonly<Record<NodeId, number>>;
  readonly quorumDeadline: number;
  /** Whom leadership is being handed to, and whether it has been asked to stand. */
  readonly transferTo: NodeId | null;
  readonly timeoutNowSent: boolean;
  /** Confirmation rounds of the read index: the last one begun, and the last one that each peer answered. */
  readonly round: number;
  readonly answeredRound: Readonly<Record<NodeId, number>>;
  /** Who was asked when the round began, and how long each peer took the last time that it was, ms. */
  readonly roundAsked: readonly NodeId[];
  readonly answerMs: Readonly<Record<NodeId, number>>;
  /** Reads that wait for the next round, or the next asking of the leader, and those of the one under way; */
  readonly readsWaiting: readonly ReadAsked[];
  readonly readsConfirming: readonly ReadAsked[];
  /** of a leader, the index that the round will confirm. */
  readonly readIndex: number;
  /** When the round under way was sent, and until when no other node can be elected if the clocks are right, ms. */
  readonly roundSentAt: number;
  readonly leaseUntil: number;
  /** A node was asked to stand in this term: when it does is not in the leader's hands any more. */
  readonly leaseIsGivenUp: boolean;
}

/** A copy, field by field: of one shape however often it is copied again, which a spread's would not be in V8, and quick. */
export function copyOfRaftContext(of: RaftContext): RaftContext {
  return {
    me: of.me,
    group: of.group,
    configuration: of.configuration,
    options: of.options,
    term: of.term,
    votedFor: of.votedFor,
    log: of.log,
    gate: of.gate,
    clock: of.clock,
    random: of.random,
    network: of.network,
    streams: of.streams,
    leader: of.leader,
    leaderHeardAt: of.leaderHeardAt,
    electionDeadline: of.electionDeadline,
    stay: of.stay,
    leadershipTransfer: of.leadershipTransfer,
    votes: of.votes,
    refusals: of.refusals,
    askedSequence: of.askedSequence,
    hardStateSequence: of.hardStateSequence,
    truncatedSequence: of.truncatedSequence,
    durableSequence: of.durableSequence,
    durableIndex: of.durableIndex,
    promises: of.promises,
    installing: of.installing,
    commitIndex: of.commitIndex,
    termStart: of.termStart,
    matchIndex: of.matchIndex,
    answeredAt: of.answeredAt,
    quorumDeadline: of.quorumDeadline,
    transferTo: of.transferTo,
    timeoutNowSent: of.timeoutNowSent,
    round: of.round,
    answeredRound: of.answeredRound,
    roundAsked: of.roundAsked,
    answerMs: of.answerMs,
    readsWaiting: of.readsWaiting,
    readsConfirming: of.readsConfirming,
    readIndex: of.readIndex,
    roundSentAt: of.roundSentAt,
    leaseUntil: of.leaseUntil,
    leaseIsGivenUp: of.leaseIsGivenUp,
  };
}

/** A request that came in over the network, before its term was looked at. */
export type Received = {
  [Request in RaftRequest as Request['type']]: {
    readonly type: `received.${Request['type']}`;
    readonly token: ReplyToken;
    readonly request: Request;
  };
}[RaftRequest['type']];

/** The same request once it is known to be of the current term. */
export type Considered =
  | { readonly type: 'preVote'; readonly token: ReplyToken; readonly request: PreVoteRequest }
  | { readonly type: 'requestVote'; readonly token: ReplyToken; readonly request: RequestVoteRequest }
  | { readonly type: 'appendEntries'; readonly token: ReplyToken; readonly request: AppendEntriesRequest }
  | {
      readonly type: 'installSnapshot';
      readonly token: ReplyToken;
      readonly request: InstallSnapshotRequest;
    }
  | { readonly type: 'timeoutNow'; readonly token: ReplyToken; readonly request: TimeoutNowRequest }
  | { readonly type: 'readIndex'; readonly token: ReplyToken; readonly request: ReadIndexRequest };

/** A reply to a call of the raft actor itself. */
export type Replied =
  | { readonly type: 'replied.preVote'; readonly call: CallContext; readonly reply: PreVoteReply }
  | { readonly type: 'replied.requestVote'; readonly call: CallContext; readonly reply: RequestVoteReply }
  | { readonly type: 'replied.timeoutNow'; readonly call: CallContext; readonly reply: TimeoutNowReply }
  | { readonly type: 'replied.readIndex'; readonly call: CallContext; readonly reply: ReadIndexReply };

export type RaftEvent =
  | Received
  | Considered
  | Replied
  | ({ readonly type: 'durable' } & Durable)
  | ({ readonly type: 'matched' } & Matched)
  /** A replicator met a higher term. */
  | { readonly type: 'higherTermSeen'; readonly term: number }
  /** The application wants another node to lead. */
  | { readonly type: 'transferAsked'; readonly to: NodeId }
  /** The event loop has read its sockets once since a timer fired late. */
  | { readonly type: 'socketsRead' }
  | { readonly type: 'readIndexRequested'; readonly token: number }
  /** The service has captured everything up to the snapshot's index. */
  | { readonly type: 'snapshotTaken'; readonly snapshot: StagedSnapshot }
  /** A chunk of a snapshot from the leader has been taken, or was not the next one: `offset` is the next byte missing. */
  | {
      readonly type: 'chunkStaged';
      readonly token: ReplyToken;
      readonly term: number;
      readonly snapshot: StagedSnapshot;
      readonly offset: number;
      readonly done: boolean;
    };

/** What a guard or an action of the raft chart is given. */
export interface Given {
  readonly context: RaftContext;
  readonly event: RaftEvent;
}
