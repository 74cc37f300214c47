/** xstate-raft: the embedding API. */
export * from './runtime/index.ts';
