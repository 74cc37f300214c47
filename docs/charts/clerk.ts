/** Which server to ask next. Written by `xstate-raft charts`: the stubs decide and do nothing. */
import { setup } from 'xstate';

export const clerkMachine = setup({
  guards: {
    /** Of many requests under way to one server the first refusal decides; the others are old news. */
    isOfAnother: () => false,
    hintIsWorthFollowing: () => false,
  },
  delays: {
    /** Servers that know no leader are not asked without pause. */
    seekPause: 30,
  },
  actions: {
    followHint: () => {},
    turnToLeader: () => {},
    tryNext: () => {},
    trustAnswer: () => {},
    sendWaiting: () => {},
  },
}).createMachine({
  id: 'clerk',
  description: 'Which server to ask next.',
  initial: 'asking',
  on: { leaderHeard: { target: '.asking', actions: 'turnToLeader' } },
  states: {
    asking: {
      description: 'One server is taken for the leader; requests go to it.',
      entry: 'sendWaiting',
      on: {
        answered: [
          {
            guard: 'isOfAnother',
            description: 'isOfAnother: Of many requests under way to one server the first refusal decides; the others are old news.',
          },
          { actions: 'trustAnswer' },
        ],
        refused: [
          {
            guard: 'isOfAnother',
            description: 'isOfAnother: Of many requests under way to one server the first refusal decides; the others are old news.',
          },
          { guard: 'hintIsWorthFollowing', target: 'asking', reenter: true, actions: 'followHint' },
          { target: 'seeking' },
        ],
        lost: [
          {
            guard: 'isOfAnother',
            description: 'isOfAnother: Of many requests under way to one server the first refusal decides; the others are old news.',
          },
          { target: 'seeking' },
        ],
      },
    },
    seeking: {
      description: 'The server asked does not lead, or is lost; the next is asked after a pause.',
      entry: 'tryNext',
      after: {
        seekPause: {
          target: 'asking',
          description: 'seekPause: Servers that know no leader are not asked without pause.',
        },
      },
    },
  },
});
