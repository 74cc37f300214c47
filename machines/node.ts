/** One node as one actor system: raft, its storage and its applier live and end together. */
import { type AnyActorLogic, assign, enqueueActions, setup } from 'xstate';
import { applierMachine } from './applier.ts';
import type { Storage } from './ports.ts';
import type { RaftInput } from './raft.context.ts';
import { raftMachine } from './raft.ts';
import { storageMachine } from './storage.ts';

/** A service on top of Raft, such as the key/value server: an actor of the same system. */
export interface ServiceActor {
  /** Its id and its systemId. */
  readonly id: string;
  readonly logic: AnyActorLogic;
  readonly input: unknown;
}

export interface NodeInput extends RaftInput {
  readonly disk: Storage;
  readonly services: readonly ServiceActor[];
}

export interface NodeContext {
  readonly input: NodeInput;
  /** What ended the node, if it was the disk. */
  readonly error: Error | null;
}

export type NodeEvent =
  | { readonly type: 'storageFailed'; readonly error: Error }
  | { readonly type: 'killed' };

type SpawnAny = (logic: AnyActorLogic, options: { id: string; systemId: string; input: unknown }) => void;

export const nodeMachine = setup({
  types: { context: {} as NodeContext, events: {} as NodeEvent, input: {} as NodeInput },
  actors: { raft: raftMachine, storage: storageMachine, applier: applierMachine },
  actions: {
    /** The services on top of Raft, as actors of the same system. */
    startServices: enqueueActions(({ context, enqueue }) => {
      for (const { id, logic, input } of context.input.services) {
        // The compiler knows the actors of setup alone; a service's is an input.
        (enqueue.spawnChild as unknown as SpawnAny)(logic, { id, systemId: id, input });
      }
    }),
    /** What ended the node. */
    noteError: assign(({ event }) => (event.type === 'storageFailed' ? { error: event.error } : {})),
    // Provided by the runtime.
    /** Tells the application that the disk failed. */
    reportFailure: () => {},
  },
}).createMachine({
  id: 'node',
  description: 'One member of the cluster.',
  context: ({ input }) => ({ input, error: null }),
  initial: 'running',
  states: {
    running: {
      description: 'Takes part.',
      entry: 'startServices',
      invoke: [
        {
          ...({ src: 'storage', id: 'storage', systemId: 'storage' } as const),
          input: ({ context: { input } }) => ({ log: input.log, disk: input.disk, streams: input.streams }),
        },
        {
          ...({ src: 'applier', id: 'applier', systemId: 'applier' } as const),
          input: ({ context: { input } }) => ({ snapshotIndex: input.log.snapshotIndex }),
        },
        {
          ...({ src: 'raft', id: 'raft', systemId: 'raft' } as const),
          input: ({ context: { input } }) => input,
        },
      ],
      on: {
        storageFailed: { target: 'failed', actions: ['noteError', 'reportFailure'] },
        killed: 'killed',
      },
    },
    failed: {
      description: 'The disk failed: nothing more is voted, acknowledged or applied.',
      type: 'final',
    },
    killed: { description: 'Silent from now on.', type: 'final' },
  },
});
