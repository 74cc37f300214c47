/** What a replicator remembers and hears. */
import type { NodeId } from './configuration.ts';
import type { Log } from './log.ts';
import type {
  AppendEntriesReply,
  AppendEntriesRequest,
  InstallSnapshotReply,
  InstallSnapshotRequest,
} from './messages.ts';
import type { CallContext, Clock, Network, SnapshotId } from './ports.ts';
import type { Streams } from './streams.ts';

export interface ReplicatorInput {
  readonly me: NodeId;
  readonly group: number;
  /** The follower. */
  readonly peer: NodeId;
  /** The term that this node leads. */
  readonly term: number;
  readonly nextIndex: number;
  readonly log: Log;
  readonly clock: Clock;
  readonly network: Network;
  readonly streams: Streams;
  readonly heartbeatMs: number;
}

/** An AppendEntries under way that takes a place in the window. */
export interface Flight {
  readonly send: number;
  readonly upTo: number;
  /** Of its entries. */
  readonly bytes: number;
  /** ms */
  readonly sentAt: number;
}

/** A request with what is kept of it until its reply comes. */
export interface Outgoing {
  readonly request: AppendEntriesRequest | InstallSnapshotRequest;
  readonly call: CallContext;
}

export interface ReplicatorContext extends ReplicatorInput {
  /** Paper, figure 2: the next entry to send, and the highest known to be replicated. */
  readonly nextIndex: number;
  readonly matchIndex: number;
  /** The entry that the follower had acknowledged and has no more; 0: none. */
  readonly lostIndex: number;
  readonly inFlight: readonly Flight[];
  /** Counts what was sent, so that a reply finds its flight. */
  readonly sends: number;
  /** What the next `send` sends; it leaves nothing behind, so that no message outlives its sending. */
  readonly outgoing: Outgoing[];
  /** ms */
  readonly lastSentAt: number;
  /** The highest commit index that the follower was told. */
  readonly commitSent: number;
  /** Read index: the last round asked for, and the last one that the follower answered. */
  readonly round: number;
  readonly answeredRound: number;
  /** The snapshot that is held and sent, and its next byte; index 0: none. */
  readonly snapshot: SnapshotId & { readonly offset: number };
}

/** A copy, field by field: of one shape however often it is copied again, which a spread's would not be in V8, and quick. */
export function copyOfReplicatorContext(of: ReplicatorContext): ReplicatorContext {
  return {
    me: of.me,
    group: of.group,
    peer: of.peer,
    term: of.term,
    nextIndex: of.nextIndex,
    log: of.log,
    clock: of.clock,
    network: of.network,
    streams: of.streams,
    heartbeatMs: of.heartbeatMs,
    matchIndex: of.matchIndex,
    lostIndex: of.lostIndex,
    inFlight: of.inFlight,
    sends: of.sends,
    outgoing: of.outgoing,
    lastSentAt: of.lastSentAt,
    commitSent: of.commitSent,
    round: of.round,
    answeredRound: of.answeredRound,
    snapshot: of.snapshot,
  };
}

export type ReplicatorEvent =
  | { readonly type: 'appended' }
  | { readonly type: 'replied.appendEntries'; readonly call: CallContext; readonly reply: AppendEntriesReply }
  | {
      readonly type: 'replied.installSnapshot';
      readonly call: CallContext;
      readonly reply: InstallSnapshotReply;
    }
  /** A call came back without a reply. */
  | { readonly type: 'lost'; readonly call: CallContext }
  /** A snapshot is there to be sent, and stays so until it is released; */
  | ({ readonly type: 'snapshotHeld' } & SnapshotId)
  /** or the one that the log begins with is not durable yet. */
  | { readonly type: 'snapshotMissing' }
  /** The event loop has read its sockets once since a timer fired late. */
  | { readonly type: 'socketsRead' }
  | { readonly type: 'confirmationAsked'; readonly round: number }
  | ({
      readonly type: 'chunkRead';
      readonly offset: number;
      readonly data: Uint8Array;
      readonly done: boolean;
    } & SnapshotId);
