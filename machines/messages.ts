/**
 * The RPCs of Raft as plain data (paper, figures 2 and 13), with the extensions that production systems add: pre-vote
 * (Ongaro's dissertation, section 9.6), the conflict hint (paper, end of section 5.3) and the confirmation round of
 * the read index (dissertation, section 6.4).
 */

import type { NodeId } from './configuration.ts';
import type { EntryBlock } from './entry.ts';

interface Message {
  /** The Raft group, 0 today. */
  readonly group: number;
  readonly term: number;
  /** Who sends it. */
  readonly from: NodeId;
}

/** "Would you vote for me in `term`?", asked before a candidate raises its own term. */
export interface PreVoteRequest extends Message {
  readonly type: 'preVote';
  /** The term asked about: the sender's own plus one. */
  readonly term: number;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
}

export interface PreVoteReply extends Message {
  readonly type: 'preVoteReply';
  /** The term asked about or, in a refusal, the current one. */
  readonly term: number;
  readonly voteGranted: boolean;
}

export interface RequestVoteRequest extends Message {
  readonly type: 'requestVote';
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The leader itself asked for this election, so that its being alive is no reason to turn the request away. */
  readonly leadershipTransfer: boolean;
}

export interface RequestVoteReply extends Message {
  readonly type: 'requestVoteReply';
  readonly voteGranted: boolean;
}

export interface AppendEntriesRequest extends Message {
  readonly type: 'appendEntries';
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  /** Entries from prevLogIndex + 1 on; a heartbeat has none. */
  readonly entries: EntryBlock;
  readonly leaderCommit: number;
  /** The leader's latest confirmation round, returned in the reply (read index). */
  readonly round: number;
}

export interface AppendEntriesReply extends Message {
  readonly type: 'appendEntriesReply';
  readonly success: boolean;
  /** On success: the log agrees with the leader's, and is durable, up to here. */
  readonly matchIndex: number;
  /** On failure: where the leader should look next (the first index of conflictTerm, or the end of a shorter log). */
  readonly conflictIndex: number;
  /** On failure: the term of the entry at prevLogIndex; 0 where there is none. */
  readonly conflictTerm: number;
  readonly round: number;
}

export interface InstallSnapshotRequest extends Message {
  readonly type: 'installSnapshot';
  readonly lastIncludedIndex: number;
  readonly lastIncludedTerm: number;
  /** Where in the snapshot `data` belongs. */
  readonly offset: number;
  readonly data: Uint8Array;
  readonly done: boolean;
}

export interface InstallSnapshotReply extends Message {
  readonly type: 'installSnapshotReply';
  readonly lastIncludedIndex: number;
  /** The next byte that is missing. */
  readonly offset: number;
  /** The whole snapshot is durable, or no longer needed. */
  readonly installed: boolean;
}

/** The leader asks a follower that has its whole log to stand for election at once (dissertation, section 3.10). */
export interface TimeoutNowRequest extends Message {
  readonly type: 'timeoutNow';
}

export interface TimeoutNowReply extends Message {
  readonly type: 'timeoutNowReply';
}

/** A follower asks for an index that makes its reads linearizable (dissertation, section 6.4). */
export interface ReadIndexRequest extends Message {
  readonly type: 'readIndex';
}

export interface ReadIndexReply extends Message {
  readonly type: 'readIndexReply';
  /** False: the asked node does not lead. */
  readonly success: boolean;
  /** On success: what is applied must have reached it. */
  readonly readIndex: number;
}

export type RaftRequest =
  | PreVoteRequest
  | RequestVoteRequest
  | AppendEntriesRequest
  | InstallSnapshotRequest
  | TimeoutNowRequest
  | ReadIndexRequest;
export type RaftReply =
  | PreVoteReply
  | RequestVoteReply
  | AppendEntriesReply
  | InstallSnapshotReply
  | TimeoutNowReply
  | ReadIndexReply;
export type RaftMessage = RaftRequest | RaftReply;
