/**
 * Hands committed entries to the service: in index order, each once, never backwards (paper, section 5.3), and steps
 * over to a snapshot when one is installed (section 7).
 */
import { assertEvent, assign, setup } from 'xstate';
import { applyEntriesMax } from './limits.ts';

export interface ApplierContext {
  /** Highest index that the service has seen; 0 before the first. */
  readonly lastApplied: number;
  /** Last index of the batch, or of the snapshot, that the service is working on. */
  readonly applyingTo: number;
  /** Highest index known to be committed; never below lastApplied. */
  readonly commitIndex: number;
  /** The newest snapshot that the service has to take over; index 0: none. */
  readonly snapshotIndex: number;
  /** The log begins behind this index: until the service has come so far by snapshot, there is no batch for it. */
  readonly logBeginsBehind: number;
}

/** A copy, field by field: see copyOfRaftContext. */
export function copyOfApplierContext(of: ApplierContext): ApplierContext {
  return {
    lastApplied: of.lastApplied,
    applyingTo: of.applyingTo,
    commitIndex: of.commitIndex,
    snapshotIndex: of.snapshotIndex,
    logBeginsBehind: of.logBeginsBehind,
  };
}

export type ApplierEvent =
  | { readonly type: 'commitAdvanced'; readonly commitIndex: number }
  | { readonly type: 'batchApplied'; readonly lastIndex: number }
  /** The log was replaced by a snapshot that is not durable yet. */
  | { readonly type: 'snapshotExpected'; readonly index: number }
  | { readonly type: 'snapshotReceived'; readonly index: number }
  | { readonly type: 'snapshotRestored'; readonly index: number };

export interface ApplierInput {
  /** The index of the snapshot that the service began with; 0: none. */
  readonly snapshotIndex: number;
}

export const applierMachine = setup({
  types: { context: {} as ApplierContext, events: {} as ApplierEvent, input: {} as ApplierInput },
  guards: {
    /** There are committed entries that the service has not seen, and the log has them. */
    isBehind: ({ context }) =>
      context.lastApplied < context.commitIndex && context.lastApplied >= context.logBeginsBehind,
    /** A snapshot reaches further than what the service has seen. */
    hasSnapshotToRestore: ({ context }) => context.lastApplied < context.snapshotIndex,
    /** A batch that a snapshot overtook may still report; it must not move lastApplied back. */
    isThisBatch: ({ context, event }) =>
      event.type === 'batchApplied' && event.lastIndex === context.applyingTo,
    /** The service has taken over the snapshot that it was given last. */
    isThisSnapshot: ({ context, event }) =>
      event.type === 'snapshotRestored' && event.index === context.applyingTo,
  },
  actions: {
    /** How far the log is committed; it never goes back. */
    noteCommit: assign(({ context, event }) => {
      assertEvent(event, 'commitAdvanced');
      return { commitIndex: Math.max(context.commitIndex, event.commitIndex) };
    }),
    /** There is a snapshot to take over; what it stands for is committed. */
    noteSnapshot: assign(({ context, event }) => {
      assertEvent(event, 'snapshotReceived');
      return {
        snapshotIndex: Math.max(context.snapshotIndex, event.index),
        commitIndex: Math.max(context.commitIndex, event.index),
      };
    }),
    /** The log begins behind a snapshot that is still being written. */
    noteExpected: assign(({ context, event }) => {
      assertEvent(event, 'snapshotExpected');
      return { logBeginsBehind: Math.max(context.logBeginsBehind, event.index) };
    }),
    /** The next entries in order, so many that the service is not busy for long. */
    takeBatch: assign(({ context }) => ({
      applyingTo: Math.min(context.commitIndex, context.lastApplied + applyEntriesMax),
    })),
    /** The newest that there is. */
    takeSnapshot: assign(({ context }) => ({ applyingTo: context.snapshotIndex })),
    /** The service has come as far as it was given. */
    noteApplied: assign(({ context }) => ({ lastApplied: context.applyingTo })),
    // Provided by the runtime.
    /** Answers with batchApplied. */
    deliverBatch: () => {},
    /** Answers with snapshotRestored. */
    restoreSnapshot: () => {},
  },
}).createMachine({
  id: 'applier',
  description: 'What the service sees next: in order, once.',
  context: ({ input }) => ({
    lastApplied: input.snapshotIndex,
    applyingTo: input.snapshotIndex,
    commitIndex: input.snapshotIndex,
    snapshotIndex: input.snapshotIndex,
    logBeginsBehind: input.snapshotIndex,
  }),
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
      on: { batchApplied: { guard: 'isThisBatch', target: 'idle', actions: 'noteApplied' } },
    },
    installing: {
      description: 'A snapshot replaces what the service knew.',
      entry: ['takeSnapshot', 'restoreSnapshot'],
      on: { snapshotRestored: { guard: 'isThisSnapshot', target: 'idle', actions: 'noteApplied' } },
    },
  },
});
