/** xstate-raft/testing: clusters in simulated time. */
export { KvCluster, type KvClusterOptions, type KvFigures, kvCluster } from './kv/simulation/kvLab.ts';
export { type RecordedClerks, recordHistory } from './kv/simulation/recordHistory.ts';
export * from './runtime/testing.ts';
