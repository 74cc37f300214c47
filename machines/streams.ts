/**
 * The streams between the actors of one node. "Statecharts decide, streams carry": an item stands for a batch, and the
 * entries themselves lie in the log.
 */
import type { Subject } from 'rxjs';
import type { NodeId } from './configuration.ts';
import type { Entry } from './entry.ts';
import type { SnapshotId } from './ports.ts';

/** The log of a leader has grown up to lastIndex. */
export interface Appended {
  readonly lastIndex: number;
}

/** All writes up to `sequence` are durable; the last entry among them is named by index and term. */
export interface Durable {
  readonly sequence: number;
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** A follower answered its leader. */
export interface Matched {
  readonly peer: NodeId;
  /** The leader's term when it asked. */
  readonly term: number;
  /** The follower's log agrees, and is durable, up to here. */
  readonly matchIndex: number;
  /** The latest confirmation round that the follower answered. */
  readonly round: number;
}

/** Entries up to commitIndex are committed. */
export interface Committed {
  readonly commitIndex: number;
}

/**
 * The answer to a group of reads (paper, section 8): a read is linearizable once what is applied has reached readIndex.
 * Null: this node is not, or no longer, the leader.
 */
export interface ReadConfirmed {
  readonly tokens: readonly number[];
  readonly readIndex: number | null;
}

/** What the service sees next: a run of entries, or a snapshot that replaces all it knew. */
export type Applied =
  | { readonly type: 'entries'; readonly entries: readonly Entry[] }
  | { readonly type: 'snapshot'; readonly snapshot: SnapshotId };

export interface Streams {
  /** Written by the node once a turn in which entries were proposed; read by the storage and the replicators.
   *  lastIndex rises within a term. */
  readonly appended$: Subject<Appended>;
  /** Written by the storage after each write; read by raft. `sequence` never falls. */
  readonly durable$: Subject<Durable>;
  /** Written by the replicators at each reply; read by raft. matchIndex of one peer never falls within a term. */
  readonly matched$: Subject<Matched>;
  /** Written by raft; read by the applier. commitIndex rises. */
  readonly committed$: Subject<Committed>;
  /** Written by raft; read by the services. Each token asked for comes once, in the order of asking. */
  readonly readConfirmed$: Subject<ReadConfirmed>;
  /** Written by the applier; read by the services. Indexes follow one another; a snapshot jumps forward only. */
  readonly apply$: Subject<Applied>;
}
