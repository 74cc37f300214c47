/**
 * What the service sees next: in order, once. Written by `xstate-raft charts`: the stubs decide and do
 * nothing.
 */
import { setup } from 'xstate';

export const applierMachine = setup({
  guards: {
    /** There are committed entries that the service has not seen, and the log has them. */
    isBehind: () => false,
    /** A snapshot reaches further than what the service has seen. */
    hasSnapshotToRestore: () => false,
    /** A batch that a snapshot overtook may still report; it must not move lastApplied back. */
    isThisBatch: () => false,
    /** The service has taken over the snapshot that it was given last. */
    isThisSnapshot: () => false,
  },
  actions: {
    /** How far the log is committed; it never goes back. */
    noteCommit: () => {},
    /** There is a snapshot to take over; what it stands for is committed. */
    noteSnapshot: () => {},
    /** The log begins behind a snapshot that is still being written. */
    noteExpected: () => {},
    /** The next entries in order, so many that the service is not busy for long. */
    takeBatch: () => {},
    /** The newest that there is. */
    takeSnapshot: () => {},
    /** The service has come as far as it was given. */
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
    commitAdvanced: {
      actions: 'noteCommit',
      description: 'noteCommit: How far the log is committed; it never goes back.',
    },
    snapshotExpected: {
      actions: 'noteExpected',
      description: 'noteExpected: The log begins behind a snapshot that is still being written.',
    },
    snapshotReceived: {
      actions: 'noteSnapshot',
      description: 'noteSnapshot: There is a snapshot to take over; what it stands for is committed.',
    },
  },
  initial: 'idle',
  states: {
    idle: {
      description: 'All that is committed has been applied.',
      always: [
        {
          guard: 'hasSnapshotToRestore',
          target: 'installing',
          description: 'hasSnapshotToRestore: A snapshot reaches further than what the service has seen.',
        },
        {
          guard: 'isBehind',
          target: 'applying',
          description: 'isBehind: There are committed entries that the service has not seen, and the log has them.',
        },
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
          description: "isThisBatch: A batch that a snapshot overtook may still report; it must not move lastApplied back.\nnoteApplied: The service has come as far as it was given.",
        },
      },
    },
    installing: {
      description: 'A snapshot replaces what the service knew.',
      entry: ['takeSnapshot', 'restoreSnapshot'],
      on: {
        snapshotRestored: {
          guard: 'isThisSnapshot',
          target: 'idle',
          actions: 'noteApplied',
          description: "isThisSnapshot: The service has taken over the snapshot that it was given last.\nnoteApplied: The service has come as far as it was given.",
        },
      },
    },
  },
});
