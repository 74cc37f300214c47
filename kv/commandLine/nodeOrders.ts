/** What the process that has started a node may ask of it, and what it answers besides its reports. */
import type { NodeId } from '../../machines/configuration.ts';
import type { ClusterEvent } from '../../runtime/observation/clusterFrame.ts';
import type { NodeSight } from '../../runtime/observation/clusterGathering.ts';
import { tellRoleNews } from '../../runtime/observation/roleNews.ts';
import { frameEveryMs } from '../page/frameFeed.ts';
import { KvNodeWatch, type WatchedNode } from '../page/kvNodeWatch.ts';
import { sharedNow } from '../page/sharedNow.ts';

export type NodeOrder =
  /** Tell of yourself, again and again; or no longer. */
  | { readonly type: 'watch'; readonly isOn: boolean }
  /** Let nothing get to that peer; or everything, again. */
  | { readonly type: 'cut'; readonly peer: NodeId; readonly isCut: boolean }
  /** Hand leadership over. It is answered, with the same number. */
  | { readonly type: 'transfer'; readonly to: NodeId; readonly number: number };

export type NodeAnswer =
  | { readonly type: 'sight'; readonly sight: NodeSight }
  /** Unasked, while nobody watches it. */
  | { readonly type: 'news'; readonly event: ClusterEvent }
  /** `error`: why it did not. */
  | { readonly type: 'transferred'; readonly number: number; readonly error?: string };

/** Obeys until the function that it gives is called. */
export function takeOrders(kv: WatchedNode): () => void {
  let watch: KvNodeWatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  const answer = (given: NodeAnswer, onSent = (): void => {}): void => {
    // A parent that is gone hears nothing more.
    if (process.connected) process.send?.(given, undefined, undefined, onSent);
  };
  const rest = (): void => {
    clearInterval(timer);
    watch?.close();
    watch = undefined;
  };
  let isTelling = false;
  const tell = (): void => {
    // A parent that does not keep up is told less often.
    if (!watch || isTelling) return;
    isTelling = true;
    answer({ type: 'sight', sight: watch.look() }, () => {
      isTelling = false;
    });
  };
  const obey = (message: unknown): void => {
    const order = message as NodeOrder; // the parent is this very program
    if (order.type === 'cut') kv.links.setCut(order.peer, order.isCut);
    else if (order.type === 'transfer') {
      const { number } = order;
      kv.node.transferLeadership(order.to).then(
        () => answer({ type: 'transferred', number }),
        (error: Error) => answer({ type: 'transferred', number, error: error.message }),
      );
    } else if (!order.isOn) rest();
    else if (!watch) {
      watch = new KvNodeWatch(kv);
      timer = setInterval(tell, frameEveryMs);
      tell();
    }
  };
  const endNews = tellRoleNews(kv.node, sharedNow, (event) => {
    if (!watch) answer({ type: 'news', event });
  });
  process.on('message', obey);
  return () => {
    endNews();
    process.off('message', obey);
    rest();
  };
}
