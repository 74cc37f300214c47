/** What somebody at the page looks at, and whether time goes on. The time itself is not here: it changes with every frame. */
import { assign, setup } from 'xstate';

/** Simulated ms that pass in a second, slowest first. */
export const paces = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;
export type Theme = 'system' | 'light' | 'dark';

export interface ViewContext {
  /** The selected node; null: whoever leads. */
  readonly node: string | null;
  /** The selected actor of it, by its systemId. */
  readonly actor: string;
  /** The selected message. */
  readonly message: string | null;
  /** A place in `paces`. */
  readonly pace: number;
  readonly theme: Theme;
}

export type ViewEvent =
  | { readonly type: 'playToggled' }
  | { readonly type: 'paused' }
  | { readonly type: 'stepped' }
  | { readonly type: 'sought' }
  | { readonly type: 'endReached' }
  | { readonly type: 'paceChosen'; readonly pace: number }
  | { readonly type: 'nodeSelected'; readonly node: string | null }
  | { readonly type: 'actorSelected'; readonly actor: string }
  | { readonly type: 'messageSelected'; readonly message: string | null }
  | { readonly type: 'themeToggled'; readonly isDark: boolean }
  | { readonly type: 'storiesToggled' }
  | { readonly type: 'shareToggled' }
  | { readonly type: 'dialogClosed' }
  | { readonly type: 'sourceOpened'; readonly pace: number; readonly plays: boolean };

export interface ViewInput {
  readonly pace: number;
  readonly theme: Theme;
}

export const viewMachine = setup({
  types: { context: {} as ViewContext, events: {} as ViewEvent, input: {} as ViewInput },
  guards: {
    plays: ({ event }) => event.type === 'sourceOpened' && event.plays,
  },
  actions: {
    choosePace: assign(({ context, event }) => {
      const pace = 'pace' in event ? event.pace : context.pace;
      return { pace: Math.min(paces.length - 1, Math.max(0, pace)) };
    }),
    selectNode: assign(({ context, event }) => {
      if (event.type !== 'nodeSelected') return {};
      // A replicator of one node is none of another.
      return { node: event.node, actor: context.actor.startsWith('replicator') ? 'raft' : context.actor };
    }),
    selectActor: assign(({ event }) => (event.type === 'actorSelected' ? { actor: event.actor } : {})),
    selectMessage: assign(({ event }) =>
      event.type === 'messageSelected' ? { message: event.message } : {},
    ),
    forgetSelection: assign({ node: null, actor: 'raft', message: null }),
    toggleTheme: assign(({ event }) =>
      event.type === 'themeToggled' ? { theme: event.isDark ? ('light' as const) : ('dark' as const) } : {},
    ),
  },
}).createMachine({
  id: 'view',
  description: 'What somebody at the page looks at, and whether time goes on.',
  context: ({ input }) => ({ ...input, node: null, actor: 'raft', message: null }),
  type: 'parallel',
  on: {
    paceChosen: { actions: 'choosePace' },
    nodeSelected: { actions: 'selectNode' },
    actorSelected: { actions: 'selectActor' },
    messageSelected: { actions: 'selectMessage' },
    themeToggled: { actions: 'toggleTheme' },
  },
  states: {
    playback: {
      description: 'Whether time goes on.',
      initial: 'paused',
      on: {
        sourceOpened: [
          { guard: 'plays', target: '.playing', actions: ['choosePace', 'forgetSelection'] },
          { target: '.paused', actions: ['choosePace', 'forgetSelection'] },
        ],
      },
      states: {
        paused: {
          description: 'One moment is looked at.',
          on: { playToggled: 'playing' },
        },
        playing: {
          description: 'Time goes on, at the pace that is chosen.',
          on: {
            playToggled: 'paused',
            paused: 'paused',
            stepped: 'paused',
            sought: 'paused',
            endReached: 'paused',
          },
        },
      },
    },
    dialog: {
      description: 'What lies over the page.',
      initial: 'none',
      on: { dialogClosed: '.none', sourceOpened: '.none' },
      states: {
        none: { on: { storiesToggled: 'stories', shareToggled: 'share' } },
        stories: {
          description: 'What there is to be seen.',
          on: { storiesToggled: 'none', shareToggled: 'share' },
        },
        share: {
          description: 'A link that shows the same.',
          on: { shareToggled: 'none', storiesToggled: 'stories' },
        },
      },
    },
  },
});
