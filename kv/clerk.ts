/**
 * Which server to ask next (paper, section 8): the one that led last, the one that a refusal names, or the next in turn
 * until one answers.
 */
import { assertEvent, assign, setup } from 'xstate';
import { seekPauseMs } from './limits.ts';

export interface ClerkContext {
  /** How many servers there are. */
  readonly servers: number;
  /** The place of the one that is asked. */
  readonly asked: number;
  /** Hints followed since a server answered: servers that name each other must not be asked in a circle without pause. */
  readonly hintsFollowed: number;
}

export type ClerkEvent =
  /** The server does not lead; `hint` is the place of the one that it takes for the leader. */
  | { readonly type: 'refused'; readonly server: number; readonly hint: number | null }
  | { readonly type: 'lost'; readonly server: number }
  | { readonly type: 'answered'; readonly server: number }
  /** Word of a new leader came from elsewhere. */
  | { readonly type: 'leaderHeard'; readonly server: number };

export interface ClerkInput {
  readonly servers: number;
  readonly asked: number;
}

export const clerkMachine = setup({
  types: { context: {} as ClerkContext, events: {} as ClerkEvent, input: {} as ClerkInput },
  guards: {
    /** Of many requests under way to one server the first refusal decides; the others are old news. */
    isOfAnother: ({ context, event }) => event.server !== context.asked,
    /** The refusal names another server, and not so many have done so in a row that it is a circle. */
    hintIsWorthFollowing: ({ context, event }) => {
      assertEvent(event, 'refused');
      return event.hint !== null && event.hint !== context.asked && context.hintsFollowed < context.servers;
    },
  },
  delays: {
    /** Servers that know no leader are not asked without pause. */
    seekPause: seekPauseMs,
  },
  actions: {
    /** The one that was named is asked next. */
    followHint: assign(({ context, event }) => {
      assertEvent(event, 'refused');
      return { asked: event.hint ?? context.asked, hintsFollowed: context.hintsFollowed + 1 };
    }),
    /** The new leader is asked next. */
    turnToLeader: assign(({ event }) => ({ asked: event.server, hintsFollowed: 0 })),
    /** The next in turn is asked. */
    tryNext: assign(({ context }) => ({ asked: (context.asked + 1) % context.servers, hintsFollowed: 0 })),
    /** It answers as the leader: hints count from the beginning again. */
    trustAnswer: assign({ hintsFollowed: 0 }),
    // Provided by the runtime.
    /** Whatever waits goes to the server that is asked. */
    sendWaiting: () => {},
  },
}).createMachine({
  id: 'clerk',
  description: 'Which server to ask next.',
  context: ({ input }) => ({ ...input, hintsFollowed: 0 }),
  initial: 'asking',
  on: { leaderHeard: { target: '.asking', actions: 'turnToLeader' } },
  states: {
    asking: {
      description: 'One server is taken for the leader; requests go to it.',
      entry: 'sendWaiting',
      on: {
        answered: [{ guard: 'isOfAnother' }, { actions: 'trustAnswer' }],
        refused: [
          { guard: 'isOfAnother' },
          { guard: 'hintIsWorthFollowing', target: 'asking', reenter: true, actions: 'followHint' },
          { target: 'seeking' },
        ],
        lost: [{ guard: 'isOfAnother' }, { target: 'seeking' }],
      },
    },
    seeking: {
      description: 'The server asked does not lead, or is lost; the next is asked after a pause.',
      entry: 'tryNext',
      after: { seekPause: 'asking' },
    },
  },
});
