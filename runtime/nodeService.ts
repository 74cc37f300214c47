/** What a service on top of Raft gives its node. The key/value service is the first one. */
import type { ServiceActor } from '../machines/node.ts';
import type { RaftNode } from './raftNode.ts';

export interface NodeService {
  /** Takes over the node's snapshot, if there is one; before the node starts. */
  restore(): Promise<void>;
  /** The actor that lives with the node; it hears what is applied through the node's streams. */
  actor(node: RaftNode): ServiceActor;
}
