/** What the machines ask of the world: a clock, chance, a network and a disk. The runtime, or a simulator, provides them. */
import type { NodeId } from './configuration.ts';
import type { EntryBlock } from './entry.ts';
import type { RaftReply, RaftRequest } from './messages.ts';

/** XState's clock with the time of day added. */
export interface Clock {
  /** ms since a fixed moment; never runs backwards. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Whole ms until `time`, as timers count: a rest that is too small to move the clock counts as one. */
export function msUntil(time: number, clock: Clock): number {
  return Math.max(0, Math.ceil(time - clock.now()));
}

/** A seeded generator: the same seed gives the same numbers. */
export interface Random {
  /** In [0, 1). */
  next(): number;
}

/** A request's identity where it is answered; opaque, plain data. */
export type ReplyToken = number;

/** What was asked, kept with a call until its reply comes: plain data. */
export interface CallContext {
  readonly term: number;
  /** The stay in the role, or the number of the send, that the call belongs to. */
  readonly stay: number;
  /** Last index sent (appendEntries), or offset behind the chunk sent (installSnapshot). */
  readonly upTo: number;
  /** prevLogIndex (appendEntries), or the snapshot's index (installSnapshot). */
  readonly from: number;
  /** What the follower was known to hold when it was sent (appendEntries). */
  readonly matchIndex?: number;
}

export interface Network {
  /** Sends a request; its reply, or the word that it was lost, comes back as an event to the actor `replyTo`. */
  call(peer: NodeId, request: RaftRequest, replyTo: string, context: CallContext): void;
  /** Answers the request that came with `token`. */
  reply(token: ReplyToken, reply: RaftReply): void;
}

/** What must survive a crash besides the log (paper, figure 2: persistent state). */
export interface HardState {
  readonly term: number;
  readonly votedFor: NodeId | null;
}

export interface SnapshotId {
  /** Last entry that the snapshot stands for. */
  readonly index: number;
  readonly term: number;
}

/** A snapshot on its way in: chunks are added in order, then a write group makes it the snapshot, or it is discarded. */
export interface StagedSnapshot extends SnapshotId {
  /** Bytes added so far. */
  readonly size: number;
  /** Settles when the chunk is taken (not yet durable); the next one is given only then. */
  add(chunk: Uint8Array): Promise<void>;
  discard(): void;
}

/**
 * A durable snapshot in the hands of one holder: readable at any offset until that lets go of it, also when a newer one
 * has taken its place.
 */
export interface StoredSnapshot extends SnapshotId {
  /** bytes */
  readonly size: number;
  /** At most `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Lets go of it: what is being read is still given, nothing more is. */
  release(): void;
}

/** All that became due for the disk while the write before it was under way; applied in the order of the fields. */
export interface WriteGroup {
  readonly hardState?: HardState;
  /** Becomes the snapshot; entries at or below its index are dropped. */
  readonly snapshot?: StagedSnapshot;
  /** Entries from this index on are dropped. */
  readonly truncateFrom?: number;
  /** Appended behind the last entry that is left, or behind the snapshot. */
  readonly entries?: EntryBlock;
  /** Appended behind `entries`: what follows these, and lies elsewhere in memory. */
  readonly furtherEntries?: readonly EntryBlock[];
}

/** What a storage finds when it is opened. */
export interface StoredState extends HardState {
  /** Index 0, term 0: none. */
  readonly snapshot: SnapshotId;
  /** The entries behind the snapshot, in consecutive blocks. */
  readonly entries: readonly EntryBlock[];
}

/**
 * Where a node keeps what must survive. One write is under way at a time; `done` is called once the whole group is
 * durable, or with the error after which nothing more will be written.
 */
export interface Storage {
  readonly recovered: StoredState;
  write(group: WriteGroup, done: (error?: Error) => void): void;
  /** Takes hold of the newest durable snapshot. Whoever asks releases it. */
  snapshot(): StoredSnapshot | undefined;
  stageSnapshot(id: SnapshotId): StagedSnapshot;
  close(): Promise<void>;
}
