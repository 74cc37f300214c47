/** What a service on top of Raft gives its node. The key/value service is the first one. */
import type { ServiceActor } from '../machines/node.ts';
import type { RaftNode } from './raftNode.ts';

export interface NodeService {
  /** Names the service in entries and messages. */
  readonly id: number;
  /** Takes over the node's snapshot, if there is one; before the node starts. */
  restore(): Promise<void>;
  /** The actor that lives with the node; it hears what is applied through the node's streams. */
  actor(node: RaftNode): ServiceActor;
  /**
   * A request of a client or of another member; `answer` is called once, or never if the node ends first.
   * @throws an error that says why the bytes are no request
   */
  handle(body: Uint8Array, answer: (body: Uint8Array) => void): void;
}
