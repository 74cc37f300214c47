/**
 * What the service sees next: in order, once. Written by `xstate-raft charts`: the stubs decide and do
 * nothing.
 */
import { setup } from 'xstate';

export const applierMachine = setup({
  guards: {
    isBehind: () => false,
    hasSnapshotToRestore: () => false,
    /** A batch that a snapshot overtook may still report; it must not move lastApplied back. */
    isThisBatch: () => false,
    isThisSnapshot: () => false,
  },
  actions: {
    noteCommit: () => {},
    noteSnapshot: () => {},
    noteExpected: () => {},
    takeBatch: () => {},
    takeSnapshot: () => {},
    noteApplied: () => {},
    /** Answers with batchApplied. */
    deliverBatch: () => {},
    /** Answers with snapshotRestored. */
    restoreSnapshot: () => {},
  },
}).createMachine({
  id: 'applier',
  description: 'What the service sees next: in order, once.',
  on: {
    commitAdvanced: { actions: 'noteCommit' },
    snapshotExpected: { actions: 'noteExpected' },
    snapshotReceived: { actions: 'noteSnapshot' },
  },
  initial: 'idle',
  states: {
    idle: {
      description: 'All that is committed has been applied.',
      always: [
        { guard: 'hasSnapshotToRestore', target: 'installing' },
        { guard: 'isBehind', target: 'applying' },
      ],
    },
    applying: {
      description: 'One batch is with the service; the next follows when it is done.',
      entry: ['takeBatch', 'deliverBatch'],
      on: {
        batchApplied: {
          guard: 'isThisBatch',
          target: 'idle',
          actions: 'noteApplied',
          description: 'isThisBatch: A batch that a snapshot overtook may still report; it must not move lastApplied back.',
        },
      },
    },
    installing: {
      description: 'A snapshot replaces what the service knew.',
      entry: ['takeSnapshot', 'restoreSnapshot'],
      on: { snapshotRestored: { guard: 'isThisSnapshot', target: 'idle', actions: 'noteApplied' } },
    },
  },
});
