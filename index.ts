/** xstate-raft: the embedding API. */
export {
  type Clerk,
  KvError,
  type KvPeer,
  type KvServer,
  type MakeClerkOptions,
  MalformedKvMessage,
  makeClerk,
  type StartKvServerOptions,
  startKvServer,
} from './kv/index.ts';
export * from './runtime/index.ts';
