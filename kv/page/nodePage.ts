/** The page of one node: the node itself as it is now, and of its peers what they say when they are asked. */
import type { NodeId } from '../../machines/configuration.ts';
import type { ClusterFrame } from '../../runtime/observation/clusterFrame.ts';
import { ClusterGathering } from '../../runtime/observation/clusterGathering.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { askFacts } from '../commandLine/nodeFacts.ts';
import { factsFrame } from './factsFrame.ts';
import type { FrameSource } from './frameFeed.ts';
import { KvNodeWatch, type WatchedNode } from './kvNodeWatch.ts';
import { sharedNow } from './sharedNow.ts';

/** Between two questions to a peer, ms. */
const askEveryMs = 500;

export class NodePage implements FrameSource {
  readonly #kv: WatchedNode;
  readonly #peers: Readonly<Record<NodeId, PeerAddress>>;
  readonly #clusterId: string;
  readonly #gathering: ClusterGathering;
  #watch: KvNodeWatch | undefined;
  #asking: NodeJS.Timeout | undefined;

  /** @param redisPeers where each member, this one included, serves clients; none is asked unless given */
  constructor(kv: WatchedNode, clusterId: string, redisPeers: Readonly<Record<NodeId, PeerAddress>> = {}) {
    this.#kv = kv;
    this.#clusterId = clusterId;
    const { id } = kv.node.status();
    const { [id]: _, ...peers } = redisPeers;
    this.#peers = peers;
    const ids = Object.keys(redisPeers);
    this.#gathering = new ClusterGathering(ids.length > 0 ? ids : [id], sharedNow);
  }

  open(): void {
    this.#watch = new KvNodeWatch(this.#kv);
    this.#ask();
    this.#asking = setInterval(() => this.#ask(), askEveryMs);
  }

  close(): void {
    clearInterval(this.#asking);
    this.#watch?.close();
    this.#watch = undefined;
  }

  frame(): ClusterFrame | undefined {
    if (this.#watch) this.#gathering.take(this.#watch.look());
    return this.#gathering.frame();
  }

  #ask(): void {
    for (const [id, address] of Object.entries(this.#peers)) {
      void askFacts(address).then((facts) => {
        const isIt = facts?.id === id && facts.clusterId === this.#clusterId;
        if (isIt) this.#gathering.take({ node: factsFrame(facts), messages: [], events: [], load: null });
        else this.#gathering.note(id, 'down');
      });
    }
  }
}
