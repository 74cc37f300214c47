/** The statecharts of Raft and the values they speak of. */
export { applierMachine } from './applier.ts';
export * from './configuration.ts';
export * from './entry.ts';
export { Log } from './log.ts';
export * from './messages.ts';
export { nodeMachine } from './node.ts';
export * from './ports.ts';
export type { RaftContext, RaftEvent, RaftInput, RaftOptions } from './raft.context.ts';
export { raftMachine } from './raft.ts';
export { SeededRandom } from './random.ts';
export { replicatorMachine } from './replicator.ts';
export { storageMachine } from './storage.ts';
export type * from './streams.ts';
