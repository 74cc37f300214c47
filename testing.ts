/** xstate-raft/testing: clusters in simulated time. */
export { KvCluster, type KvClusterOptions, kvCluster } from './kv/simulation/kvLab.ts';
export * from './runtime/testing.ts';
