/**
 * When a batch is durable: one write for all that waits. Written by `xstate-raft charts`: the stubs decide
 * and do nothing.
 */
import { setup } from 'xstate';

export const storageMachine = setup({
  guards: {
    /** The log reaches further than what the disk has or is being given. */
    hasNewEntries: () => false,
    /** More was asked for while the disk was writing. */
    moreHasGathered: () => false,
  },
  actions: {
    /**
     * A later term or vote replaces an earlier one that never left; truncations reach back as far as the
     * lowest.
     */
    gather: () => {},
    /** How far the log reaches. */
    noteAppended: () => {},
    /** All that waits goes into one write (group commit), up to a bound. */
    takeGathered: () => {},
    /** Gives it to the disk. */
    write: () => {},
    /** The log may let go of its bytes, which may be many. */
    forgetGroup: () => {},
    /** Tells raft what is durable now. */
    reportDurable: () => {},
    /** A failed write is the last one: the node ends. */
    reportFailure: () => {},
  },
}).createMachine({
  id: 'storage',
  description: 'When a batch is durable: one write for all that waits.',
  initial: 'ready',
  states: {
    ready: {
      description: 'All that was asked is durable.',
      on: {
        writeRequested: {
          target: 'writing',
          actions: 'gather',
          description: 'gather: A later term or vote replaces an earlier one that never left; truncations reach back as far as the lowest.',
        },
        appended: {
          guard: 'hasNewEntries',
          target: 'writing',
          actions: 'noteAppended',
          description: "hasNewEntries: The log reaches further than what the disk has or is being given.\nnoteAppended: How far the log reaches.",
        },
      },
    },
    writing: {
      description: 'One write and one sync are under way; the next group gathers.',
      entry: ['takeGathered', 'write'],
      on: {
        writeRequested: {
          actions: 'gather',
          description: 'gather: A later term or vote replaces an earlier one that never left; truncations reach back as far as the lowest.',
        },
        appended: { actions: 'noteAppended', description: 'noteAppended: How far the log reaches.' },
        written: [
          {
            guard: 'moreHasGathered',
            target: 'writing',
            reenter: true,
            actions: 'reportDurable',
            description: "moreHasGathered: More was asked for while the disk was writing.\nreportDurable: Tells raft what is durable now.",
          },
          {
            target: 'ready',
            actions: ['reportDurable', 'forgetGroup'],
            description: "reportDurable: Tells raft what is durable now.\nforgetGroup: The log may let go of its bytes, which may be many.",
          },
        ],
        writeFailed: {
          target: 'failed',
          actions: 'reportFailure',
          description: 'reportFailure: A failed write is the last one: the node ends.',
        },
      },
    },
    failed: { description: 'Nothing is written, voted or acknowledged any more.' },
  },
});
