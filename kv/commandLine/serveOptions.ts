/** What `xstate-raft serve` is told: its settings, and where they came from. */
import type { NodeId } from '../../machines/configuration.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import type { LogFormat } from './reporters.ts';

export interface ServeOptions {
  readonly id: NodeId;
  /** Where it listens for its peers; its own entry in `peers` unless given. */
  readonly listen?: PeerAddress;
  readonly redis: PeerAddress;
  /** Where each member is dialled, this node included. */
  readonly peers: Readonly<Record<NodeId, PeerAddress>>;
  /** Where clients reach each member; CLUSTER tells it. */
  readonly redisPeers?: Readonly<Record<NodeId, PeerAddress>>;
  readonly data: string;
  readonly cluster: string;
  readonly leaseReads: boolean;
  readonly maxClients: number;
  /** Seconds of silence after which a client is hung up on; 0: never. */
  readonly clientTimeout: number;
  /** MiB of a key or a value that a client may send. */
  readonly maxValue: number;
  /** MiB of entries in the log, above which a snapshot is taken. */
  readonly snapshotLog: number;
  /** Which changes of keys subscribers are told of, as Redis writes it; none unless given. */
  readonly notifyKeyspaceEvents?: string;
  /** Where the page that shows this node is served; nowhere unless given. */
  readonly page?: PeerAddress;
  readonly log?: LogFormat;
  /** Where each value came from, as an error names it: its flag, unless it says otherwise. */
  readonly sources?: Readonly<Record<string, string>>;
  /** It tells the process that started it how it does, and ends with it. */
  readonly attached?: boolean;
}
