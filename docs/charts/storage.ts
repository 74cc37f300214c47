/**
 * When a batch is durable: one write for all that waits. Written by `xstate-raft charts`: the stubs decide
 * and do nothing.
 */
import { setup } from 'xstate';

export const storageMachine = setup({
  guards: {
    hasNewEntries: () => false,
    moreHasGathered: () => false,
  },
  actions: {
    /**
     * A later term or vote replaces an earlier one that never left; truncations reach back as far as the
     * lowest.
     */
    gather: () => {},
    noteAppended: () => {},
    takeGathered: () => {},
    write: () => {},
    /** Its bytes may be many, and a copy of the log's. */
    forgetGroup: () => {},
    reportDurable: () => {},
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
        appended: { guard: 'hasNewEntries', target: 'writing', actions: 'noteAppended' },
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
        appended: { actions: 'noteAppended' },
        written: [
          { guard: 'moreHasGathered', target: 'writing', reenter: true, actions: 'reportDurable' },
          {
            target: 'ready',
            actions: ['reportDurable', 'forgetGroup'],
            description: "forgetGroup: Its bytes may be many, and a copy of the log's.",
          },
        ],
        writeFailed: { target: 'failed', actions: 'reportFailure' },
      },
    },
    failed: { description: 'Nothing is written, voted or acknowledged any more.' },
  },
});
