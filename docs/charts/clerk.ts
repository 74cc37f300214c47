/** Which server to ask next. Written by `xstate-raft charts`: the stubs decide and do nothing. */
import { setup } from 'xstate';

export const clerkMachine = setup({
  guards: {
    /** Of many requests under way to one server the first refusal decides; the others are old news. */
    isOfAnother: () => false,
    /** The refusal names another server, and not so many have done so in a row that it is a circle. */
    hintIsWorthFollowing: () => false,
  },
  delays: {
    /** Servers that know no leader are not asked without pause. */
    seekPause: 30,
  },
  actions: {
    /** The one that was named is asked next. */
    followHint: () => {},
    /** The new leader is asked next. */
    turnToLeader: () => {},
    /** The next in turn is asked. */
    tryNext: () => {},
    /** It answers as the leader: hints count from the beginning again. */
    trustAnswer: () => {},
    /** Whatever waits goes to the server that is asked. */
    sendWaiting: () => {},
  },
}).createMachine({
  id: 'clerk',
  description: 'Which server to ask next.',
  initial: 'asking',
  on: {
    leaderHeard: {
      target: '.asking',
      actions: 'turnToLeader',
      description: 'turnToLeader: The new leader is asked next.',
    },
  },
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
          {
            actions: 'trustAnswer',
            description: 'trustAnswer: It answers as the leader: hints count from the beginning again.',
          },
        ],
        refused: [
          {
            guard: 'isOfAnother',
            description: 'isOfAnother: Of many requests under way to one server the first refusal decides; the others are old news.',
          },
          {
            guard: 'hintIsWorthFollowing',
            target: 'asking',
            reenter: true,
            actions: 'followHint',
            description: "hintIsWorthFollowing: The refusal names another server, and not so many have done so in a row that it is a circle.\nfollowHint: The one that was named is asked next.",
          },
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
