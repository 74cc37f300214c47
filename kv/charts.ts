/** Every statechart of the project, and the files that say what its guards, actions and delays are for. */
import type { AnyStateMachine } from 'xstate';
import { applierMachine } from '../machines/applier.ts';
import { nodeMachine } from '../machines/node.ts';
import { raftMachine } from '../machines/raft.ts';
import { replicatorMachine } from '../machines/replicator.ts';
import { storageMachine } from '../machines/storage.ts';
import { clerkMachine } from './clerk.ts';
import { kvServerMachine } from './kvServer.ts';

export interface NamedChart {
  /** Also the machine's id. */
  readonly name: string;
  readonly machine: AnyStateMachine;
  /** From the root of the package, without their extension. */
  readonly sources: readonly string[];
}

export const charts: readonly NamedChart[] = [
  {
    ...{ name: 'raft', machine: raftMachine },
    sources: ['machines/raft', 'machines/raft.guards', 'machines/raft.actions', 'machines/raft.reads'],
  },
  {
    ...{ name: 'replicator', machine: replicatorMachine },
    sources: ['machines/replicator', 'machines/replicator.guards', 'machines/replicator.actions'],
  },
  { name: 'storage', machine: storageMachine, sources: ['machines/storage'] },
  { name: 'applier', machine: applierMachine, sources: ['machines/applier'] },
  { name: 'node', machine: nodeMachine, sources: ['machines/node'] },
  { name: 'kvServer', machine: kvServerMachine, sources: ['kv/kvServer', 'kv/kvServer.actions'] },
  { name: 'clerk', machine: clerkMachine, sources: ['kv/clerk'] },
];
