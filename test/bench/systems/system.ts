/** What a load is put on: the servers of one system, as processes. */
import type { Target } from '../load/job.ts';

export type SystemName = 'xstate-raft' | 'etcd' | 'redis';

/** Who leads, at the moment it was asked. */
export interface Leadership {
  /** The place of the leader among the nodes. */
  readonly place: number;
  /** Changes with every election. */
  readonly term: number;
}

export interface System {
  readonly name: SystemName;
  /** As reports call it. */
  readonly title: string;
  readonly protocol: 'redis' | 'etcd';
  /** Where each node takes clients. */
  readonly targets: readonly Target[];
  /** Settles when all nodes are up and one leads. */
  start(): Promise<void>;
  /**
   * Asks every node.
   * @throws Error that names a node that is not up, or says that none leads
   */
  leadership(): Promise<Leadership>;
  /** The process of each node. */
  pids(): readonly number[];
  /** kill -9. */
  kill(place: number): Promise<void>;
  /** Starts a node that was killed or stopped, on its data. */
  restart(place: number): Promise<void>;
  /** Ends all nodes and removes their data; also when some never started. */
  stop(): Promise<void>;
}
