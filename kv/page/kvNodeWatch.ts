/** Watches a node of the key/value service while somebody looks: the node itself, and what its clients do. */
import type { NodeSight } from '../../runtime/observation/clusterGathering.ts';
import { NodeWatch } from '../../runtime/observation/nodeWatch.ts';
import { describeCommand } from '../describeCommand.ts';
import type { KvNode } from '../kvNode.ts';
import { ClientGauge } from './clientGauge.ts';
import { sharedNow } from './sharedNow.ts';

export type WatchedNode = Pick<KvNode, 'node' | 'links' | 'front'>;

export class KvNodeWatch {
  readonly #watch: NodeWatch;
  readonly #clients: ClientGauge;

  constructor(kv: WatchedNode) {
    this.#watch = new NodeWatch(kv, { now: sharedNow, describe: describeCommand });
    this.#clients = new ClientGauge(kv.front, sharedNow);
  }

  /** Messages and events are those since it was last called. */
  look(): NodeSight {
    return { ...this.#watch.look(), clients: this.#clients.measure() };
  }

  close(): void {
    this.#watch.close();
  }
}
