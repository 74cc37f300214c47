/** One node as one actor system: raft, its storage and its applier live and end together. */
import { assign, setup } from 'xstate';
import { applierMachine } from './applier.ts';
import type { Storage } from './ports.ts';
import type { RaftInput } from './raft.context.ts';
import { raftMachine } from './raft.ts';
import { storageMachine } from './storage.ts';

export interface NodeInput extends RaftInput {
  readonly disk: Storage;
}

export interface NodeContext {
  readonly input: NodeInput;
  /** What ended the node, if it was the disk. */
  readonly error: Error | null;
}

export type NodeEvent =
  | { readonly type: 'storageFailed'; readonly error: Error }
  | { readonly type: 'killed' };

export const nodeMachine = setup({
  types: { context: {} as NodeContext, events: {} as NodeEvent, input: {} as NodeInput },
  actors: { raft: raftMachine, storage: storageMachine, applier: applierMachine },
  actions: {
    noteError: assign(({ event }) => (event.type === 'storageFailed' ? { error: event.error } : {})),
    // Provided by the runtime.
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
