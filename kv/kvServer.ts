/**
 * Who may be answered, and with what: applies what the log commits, and while its node leads takes requests, proposes
 * their commands and answers each when its index is applied. Queries wait for a read index (paper, section 8).
 */
import { assertEvent, assign, setup } from 'xstate';
import { kvServerEffects } from './kvServer.actions.ts';
import type { KvServerContext, KvServerEvent, KvServerInput } from './kvServer.context.ts';

export const kvServerMachine = setup({
  types: { context: {} as KvServerContext, events: {} as KvServerEvent, input: {} as KvServerInput },
  guards: {
    isOverloaded: ({ context }) => context.serving.isOverloaded(),
    logIsLarge: ({ context }) => !context.snapshotting && context.serving.logIsLarge(context.lastApplied),
  },
  actions: {
    ...kvServerEffects,
    noteLeader: assign(({ event }) => {
      assertEvent(event, 'leaderChanged');
      return { leader: event.leader };
    }),
    noteApplied: assign(({ context, event }) => {
      assertEvent(event, ['entriesApplied', 'snapshotReceived']);
      if (event.type === 'snapshotReceived') return { lastApplied: event.snapshot.index };
      return { lastApplied: event.entries.at(-1)?.index ?? context.lastApplied };
    }),
    noteSnapshotBegun: assign({ snapshotting: true }),
    noteSnapshotEnded: assign({ snapshotting: false }),
  },
}).createMachine({
  id: 'kvServer',
  description: 'Who may be answered, and with what.',
  context: ({ input }) => ({ ...input, leader: null, snapshotting: false }),
  initial: 'catchingUp',
  on: {
    entriesApplied: { actions: ['applyEntries', 'noteApplied', 'answerQueries'] },
    snapshotReceived: { actions: ['restoreState', 'noteApplied'] },
    readConfirmed: { actions: ['noteReadIndex', 'answerQueries'] },
    leaderChanged: { actions: 'noteLeader' },
    snapshotEnded: { actions: 'noteSnapshotEnded' },
    stopAsked: '.stopped',
  },
  always: { guard: 'logIsLarge', actions: ['noteSnapshotBegun', 'takeSnapshot'] },
  states: {
    catchingUp: {
      description: 'Follows the log; whoever asks is sent to the leader.',
      on: { requested: { actions: 'sendToLeader' }, leadershipGained: 'serving' },
    },
    serving: {
      description: 'Leads: proposes commands and answers when they are applied.',
      exit: 'failWaits',
      on: {
        requested: [
          { guard: 'isOverloaded', actions: 'refuseForNow' },
          { actions: ['proposeCommands', 'queueQueries'] },
        ],
        leadershipLost: 'catchingUp',
      },
    },
    stopped: { description: 'Answers nobody.', type: 'final' },
  },
});
