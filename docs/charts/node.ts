/** One member of the cluster. Written by `xstate-raft charts`: the stubs decide and do nothing. */
import { createMachine, setup } from 'xstate';

export const nodeMachine = setup({
  actors: {
    raft: createMachine({}),
    storage: createMachine({}),
    applier: createMachine({}),
  },
  actions: {
    /** The services on top of Raft, as actors of the same system. */
    startServices: () => {},
    /** What ended the node. */
    noteError: () => {},
    /** Tells the application that the disk failed. */
    reportFailure: () => {},
  },
}).createMachine({
  id: 'node',
  description: 'One member of the cluster.',
  initial: 'running',
  states: {
    running: {
      description: 'Takes part.',
      entry: 'startServices',
      invoke: [
        { src: 'storage', id: 'storage', systemId: 'storage' },
        { src: 'applier', id: 'applier', systemId: 'applier' },
        { src: 'raft', id: 'raft', systemId: 'raft' },
      ],
      on: {
        storageFailed: {
          target: 'failed',
          actions: ['noteError', 'reportFailure'],
          description: "noteError: What ended the node.\nreportFailure: Tells the application that the disk failed.",
        },
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
