/**
 * When a batch is durable: all that waits while one write is under way goes out with the next (group commit), and what
 * was asked is reported durable only after the disk said so. A failed write is the last one (no retry of an fsync).
 */
import { assertEvent, assign, sendParent, setup } from 'xstate';
import { writeBytesMax } from './limits.ts';
import type { Log } from './log.ts';
import type { HardState, StagedSnapshot, Storage, WriteGroup } from './ports.ts';
import type { Streams } from './streams.ts';

/** Asked by raft: what changed besides entries at the end of the log, which the storage takes from the log itself. */
export interface WriteRequested {
  readonly type: 'writeRequested';
  /** Numbers the requests of this run, from 1. */
  readonly sequence: number;
  /** Where the log ended when it was asked. */
  readonly lastIndex: number;
  readonly hardState?: HardState;
  readonly truncateFrom?: number;
  readonly snapshot?: StagedSnapshot;
}

export type StorageEvent =
  | WriteRequested
  | { readonly type: 'appended'; readonly lastIndex: number }
  | { readonly type: 'written' }
  | { readonly type: 'writeFailed'; readonly error: Error };

export interface StorageInput {
  readonly log: Log;
  readonly disk: Storage;
  readonly streams: Streams;
}

export interface StorageContext extends StorageInput {
  /** What waits for the next write, the latest of each kind. */
  readonly gathered: Omit<WriteRequested, 'type' | 'sequence' | 'lastIndex'>;
  readonly gatheredSequence: number;
  /** The end of the log as the storage was last told: beyond it may lie what follows a truncation still to come. */
  readonly toldIndex: number;
  /** Last index that the disk holds or is being given. */
  readonly writtenIndex: number;
  /** What the disk is being given, */
  readonly group: WriteGroup;
  /** and what will be durable then. */
  readonly writing: { readonly sequence: number; readonly lastIndex: number; readonly lastTerm: number };
}

/** A copy, field by field: see copyOfRaftContext. */
export function copyOfStorageContext(of: StorageContext): StorageContext {
  return {
    log: of.log,
    disk: of.disk,
    streams: of.streams,
    gathered: of.gathered,
    gatheredSequence: of.gatheredSequence,
    toldIndex: of.toldIndex,
    writtenIndex: of.writtenIndex,
    group: of.group,
    writing: of.writing,
  };
}

const noTruncation = Number.POSITIVE_INFINITY;

export const storageMachine = setup({
  types: { context: {} as StorageContext, events: {} as StorageEvent, input: {} as StorageInput },
  guards: {
    /** The log reaches further than what the disk has or is being given. */
    hasNewEntries: ({ context, event }) =>
      event.type === 'appended' && event.lastIndex > context.writtenIndex,
    /** More was asked for while the disk was writing. */
    moreHasGathered: ({ context }) =>
      context.gatheredSequence > context.writing.sequence || context.toldIndex > context.writtenIndex,
  },
  actions: {
    /** A later term or vote replaces an earlier one that never left; truncations reach back as far as the lowest. */
    gather: assign(({ context, event }) => {
      assertEvent(event, 'writeRequested');
      const { hardState, sequence, lastIndex } = event;
      const { gathered, writtenIndex } = context;
      if (event.snapshot) gathered.snapshot?.discard();
      const snapshot = event.snapshot ?? gathered.snapshot;
      const lowest = Math.min(event.truncateFrom ?? noTruncation, gathered.truncateFrom ?? noTruncation);
      // A snapshot comes before a truncation in a group: what it stands for is gone already.
      const truncateFrom = Math.max(lowest, (snapshot?.index ?? 0) + 1);
      return {
        gatheredSequence: sequence,
        toldIndex: lastIndex,
        gathered: {
          ...gathered,
          ...(hardState && { hardState }),
          ...(snapshot && { snapshot }),
          ...(lowest !== noTruncation && { truncateFrom }),
        },
        writtenIndex: Math.max(Math.min(writtenIndex, truncateFrom - 1), snapshot?.index ?? 0),
      };
    }),
    /** How far the log reaches. */
    noteAppended: assign(({ context, event }) => ({
      toldIndex: event.type === 'appended' ? event.lastIndex : context.toldIndex,
    })),
    /** All that waits goes into one write (group commit), up to a bound. */
    takeGathered: assign(({ context: { log, gathered, gatheredSequence, toldIndex, writtenIndex } }) => {
      const [entries, ...furtherEntries] = log.blocks(writtenIndex + 1, writeBytesMax, toldIndex);
      const last = furtherEntries.at(-1) ?? entries;
      const lastIndex = last ? last.firstIndex + last.count - 1 : writtenIndex;
      return {
        group: {
          ...gathered,
          ...(entries && { entries }),
          ...(furtherEntries.length > 0 && { furtherEntries }),
        },
        gathered: {},
        writtenIndex: lastIndex,
        writing: { sequence: gatheredSequence, lastIndex, lastTerm: log.termAt(lastIndex) ?? 0 },
      };
    }),
    /** Gives it to the disk. */
    write: ({ context, self }) =>
      context.disk.write(context.group, (error) =>
        self.send(error ? { type: 'writeFailed', error } : { type: 'written' }),
      ),
    /** The log may let go of its bytes, which may be many. */
    forgetGroup: assign({ group: {} }),
    /** Tells raft what is durable now. */
    reportDurable: ({ context }) => context.streams.durable$.next(context.writing),
    /** A failed write is the last one: the node ends. */
    reportFailure: sendParent(({ event }) => {
      assertEvent(event, 'writeFailed');
      return { type: 'storageFailed', error: event.error };
    }),
  },
}).createMachine({
  id: 'storage',
  description: 'When a batch is durable: one write for all that waits.',
  context: ({ input }) => ({
    ...input,
    gathered: {},
    group: {},
    gatheredSequence: 0,
    toldIndex: input.log.lastIndex,
    writtenIndex: input.log.lastIndex,
    writing: { sequence: 0, lastIndex: input.log.lastIndex, lastTerm: input.log.lastTerm },
  }),
  initial: 'ready',
  states: {
    ready: {
      description: 'All that was asked is durable.',
      on: {
        writeRequested: { target: 'writing', actions: 'gather' },
        appended: { guard: 'hasNewEntries', target: 'writing', actions: 'noteAppended' },
      },
    },
    writing: {
      description: 'One write and one sync are under way; the next group gathers.',
      entry: ['takeGathered', 'write'],
      on: {
        writeRequested: { actions: 'gather' },
        appended: { actions: 'noteAppended' },
        written: [
          { guard: 'moreHasGathered', target: 'writing', reenter: true, actions: 'reportDurable' },
          { target: 'ready', actions: ['reportDurable', 'forgetGroup'] },
        ],
        writeFailed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    failed: { description: 'Nothing is written, voted or acknowledged any more.' },
  },
});
