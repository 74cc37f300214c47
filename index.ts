/** xstate-raft: the embedding API. */
export {
  type Clerk,
  KvError,
  type KvNode,
  type KvNodeConfig,
  type KvPeer,
  type KvServer,
  type MakeClerkOptions,
  MalformedKvMessage,
  makeClerk,
  type StartKvServerOptions,
  startKvNode,
  startKvServer,
} from './kv/index.ts';
export * from './runtime/index.ts';
