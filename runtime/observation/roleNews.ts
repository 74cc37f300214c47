/**
 * Tells of a node's changes of role, each with its cause, without watching it: it is looked at when it says that
 * something has changed, and not in between.
 */
import type { RaftNode } from '../raftNode.ts';
import type { ClusterEvent, NodeFrame } from './clusterFrame.ts';
import { newsOfNode } from './newsOfNode.ts';
import { NodeObserver } from './nodeObserver.ts';

/**
 * Gives what ends it.
 * @param now in ms, as events show it
 */
export function tellRoleNews(
  node: RaftNode,
  now: () => number,
  tell: (event: ClusterEvent) => void,
): () => void {
  let before = look(node, now);
  const onChange = (): void => {
    const after = look(node, now);
    const news = newsOfNode(before, after, now());
    before = after;
    for (const event of news) tell(event);
  };
  node.events.on('roleChanged', onChange);
  node.events.on('leaderChanged', onChange);
  return () => {
    node.events.off('roleChanged', onChange);
    node.events.off('leaderChanged', onChange);
  };
}

function look(node: RaftNode, now: () => number): NodeFrame {
  const observer = new NodeObserver(node, { now });
  const frame = observer.frame();
  observer.close();
  return frame;
}
