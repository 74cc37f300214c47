/** What the Redis front asks of the service behind it. */
import type { Audience } from '../audience.ts';
import type { Operation, Reply } from '../operation.ts';

/** The requests of one connection. */
export interface Session {
  /**
   * Takes a run of reads only or of writes only and has them take effect in their order. `done` is called once, at any
   * time (also before `submit` returns), with one reply for each operation; an operation that failed is answered with
   * its `KvError`. Of reads whose replies are too long together, it may give those of the first few: the others are to be
   * submitted again. At most one run of a session is under way.
   *
   * The bytes of the operations stay as they are for good, but they are views of what the socket read, up to 64 KiB
   * and more: whoever keeps one longer than until `done` copies it. Those of the replies are copied before the event
   * loop takes its next turn.
   */
  submit(operations: readonly Operation[], done: (replies: readonly Reply[]) => void): void;
  /** No run follows. One that is under way may still call `done`, which then does nothing. */
  close(): void;
}

/** A member of the cluster as clients find it. */
export interface ClusterMember {
  readonly id: string;
  /** Where it serves clients. */
  readonly host: string;
  readonly port: number;
  /** Where it listens for its peers. */
  readonly peerPort: number;
}

/** The facts that INFO and CLUSTER tell. */
export interface FrontStatus {
  readonly nodeId: string;
  readonly clusterId: string;
  /** The state of this node's Raft chart: `follower`, `leader`, ... */
  readonly role: string;
  readonly term: number;
  /** The leader's node id; null while none is known. */
  readonly leader: string | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  /** The last index that the snapshot stands for; 0 before the first. */
  readonly snapshotIndex: number;
  /** Bytes of the entries since then. */
  readonly logBytes: number;
  /** Most reads are answered under a lease. */
  readonly leaseReads: boolean;
  /** Keys that have a value. */
  readonly keys: number;
  /** Those of them that have a deadline. */
  readonly keysExpiring: number;
  /** Of a leader: how far each peer's log is known to agree. */
  readonly matchIndex: Readonly<Record<string, number>>;
  /** The other nodes of the cluster. */
  readonly peers: readonly { readonly id: string }[];
  /** All nodes, this one among them; undefined if it is not known where the others serve clients. */
  readonly members?: readonly ClusterMember[] | undefined;
}

export interface FrontBackend {
  openSession(): Session;
  status(): FrontStatus;
  /** Settles with the leader's node id once it has answered, or with null if none does in the time that clients have. */
  confirmLeader(): Promise<string | null>;
  /** The names of the keys, one character to a byte. While they are taken, keys may come and go. */
  keyNames(): Iterable<string>;
  /** Who hears of what this node applies from now on, in the order of the log, in place of who did so far. */
  listen(audience: Audience): void;
}
