/** The linearizable key/value service on top of Raft. */

export { clerkMachine } from './clerk.ts';
export { type KvNode, type KvNodeConfig, startKvNode } from './kvNode.ts';
export { kvServerMachine } from './kvServer.ts';
export { type Clerk, type KvPeer, type MakeClerkOptions, makeClerk } from './makeClerk.ts';
export { KvError, type Operation, OperationCode, type Reply as KvReply } from './operation.ts';
export { type KvServer, type StartKvServerOptions, startKvServer } from './startKvServer.ts';
export { MalformedKvMessage } from './wire.ts';
