/** Raft brought to life. */

export {
  decode,
  encode,
  MalformedMessage,
  type Message,
  type Reply,
  type Request,
  type ServiceReply,
  type ServiceRequest,
} from './codec.ts';
export { createNode, type NodeConfig, type RunningNode } from './createNode.ts';
export { InvalidArgument, NotLeader, TransferFailed } from './errors.ts';
export type { NodeEmitter, NodeEvents, Role } from './events.ts';
export { type ApplyMsg, type MakeRaftOptions, makeRaft, type Peer, type Raft } from './makeRaft.ts';
export type { NodeService } from './nodeService.ts';
export { type InspectionObserver, plainInspection } from './observation/plainInspection.ts';
export type { NodeStatus, Started } from './raftNode.options.ts';
export { MemoryPersister, type Persister } from './storage/persister.ts';
export { UnreadableState } from './storage/persisterStorage.ts';
