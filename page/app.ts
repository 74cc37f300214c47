/** Brings the page to life: a source of frames, the moment that is shown, and what somebody looks at. */
import { html, render } from 'lit-html';
import { type Actor, createActor } from 'xstate';
import type { ActionOutcome, ClusterAction } from '../runtime/observation/clusterAction.ts';
import { Player } from './player.ts';
import type { Place } from './source/clusterSource.ts';
import { LiveSource } from './source/liveSource.ts';
import { UnreadableLink, viewOf } from './source/pageLink.ts';
import type { Scenario, SharedView } from './source/scenario.ts';
import { SimulatedSource } from './source/simulatedSource.ts';
import { storyNamed, UnknownStory } from './source/stories.ts';
import { shareTemplate, storiesTemplate } from './view/dialogs.ts';
import { element } from './view/element.ts';
import { type Scene, Screen } from './view/screen.ts';
import { listenToKeys } from './view/shortcuts.ts';
import { applyTheme, isDark, rememberedTheme } from './view/theme.ts';
import { paces, viewMachine } from './viewMachine.ts';

/** Places in `paces`: a message takes about half a second. */
const paceOfSandbox = 6;
const paceOfStory = 2;
/** More happens in a scenario of the labs. */
const paceOfLab = 5;
const firstScenario: Scenario = isServedLive() ? { kind: 'live' } : { kind: 'sandbox', seed: 7, nodes: 5 };
const firstView: SharedView = { scenario: firstScenario, actions: [], time: null };
/** Panels are drawn this often at most, ms: faster than anyone reads. */
const panelsMs = 60;
/** Events that are worth interrupting somebody who listens. */
const announced = ['leaderElected', 'leaderLost', 'crashed', 'failed', 'electionStarted'];

interface ClientState {
  readonly outcome: ActionOutcome | null;
  readonly waiting: number;
  readonly keys: readonly string[];
  readonly more: { readonly prefix: string; readonly cursor: string } | null;
}
const noClient: ClientState = { outcome: null, waiting: 0, keys: [], more: null };

export class App {
  readonly #view: Actor<typeof viewMachine>;
  readonly #screen: Screen;
  #player: Player;
  /** Of the address; what the source says comes after it. */
  #problem: string | null;
  #client = noClient;
  /** Why the last thing that was asked for was not done. */
  #refusal: string | null = null;
  #hasListed = false;
  /** Where to go once there is so much, ms. */
  #goal: number | null = null;
  #isDirty = true;
  #drawnAt = 0;
  #before = 0;
  #announcedUpTo = 0;

  constructor() {
    this.#view = createActor(viewMachine, { input: { pace: paceOfSandbox, theme: rememberedTheme() } });
    this.#screen = new Screen(this.#controls());
    const { view, problem } = viewOfAddress();
    this.#problem = problem;
    this.#player = this.#open(view);
    this.#view.subscribe(() => this.#drawChrome());
    this.#view.start();
    listenToKeys({
      ...this.#controls(),
      jump: (to) => this.#controls().seek(to === 'begin' ? 0 : this.#player.source.history.end),
      choosePace: (by) => this.#controls().choosePace(this.#view.getSnapshot().context.pace + by),
    });
    for (const id of ['stories', 'share']) {
      element<HTMLDialogElement>(id).addEventListener('close', () =>
        this.#view.send({ type: 'dialogClosed' }),
      );
    }
    addEventListener('hashchange', () => this.#openAddress());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#drawChrome());
    this.#show(view);
    requestAnimationFrame((now) => this.#tick(now));
  }

  #openAddress(): void {
    const { view, problem } = viewOfAddress();
    this.#problem = problem;
    this.#show(view);
  }

  #open(view: SharedView): Player {
    const source = view.scenario.kind === 'live' ? new LiveSource() : new SimulatedSource(view);
    source.onChange = () => {
      this.#isDirty = true;
    };
    return new Player(source);
  }

  #show(next: SharedView): void {
    this.#player.source.close();
    this.#player = this.#open(next);
    this.#client = noClient;
    this.#refusal = null;
    this.#hasListed = false;
    this.#goal = next.time;
    this.#announcedUpTo = 0;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#view.send({
      // What is real goes on, whoever looks.
      ...{ type: 'sourceOpened', plays: next.time === null && (!isStill || next.scenario.kind === 'live') },
      pace: paceOf(next.scenario),
    });
  }

  #tick(now: number): void {
    const seconds = (now - this.#before) / 1000;
    this.#before = now;
    requestAnimationFrame((next) => this.#tick(next));
    const isPlaying = this.#isPlaying;
    if (this.#goal !== null) this.#approach(this.#goal);
    else if (isPlaying && !this.#player.advance(seconds, paces[this.#view.getSnapshot().context.pace] ?? 1)) {
      this.#view.send({ type: 'endReached' });
    }
    this.#player.stay();
    const scene = this.#scene();
    if (scene) this.#listKeys();
    if (!scene || (!isPlaying && !this.#isDirty && this.#goal === null)) return;
    if (this.#isDirty || now - this.#drawnAt > panelsMs) {
      this.#isDirty = false;
      this.#drawnAt = now;
      this.#screen.drawPanels(scene);
      this.#announce();
    }
    this.#screen.drawMotion(scene);
  }

  /** A shared moment may lie ahead of what is simulated so far. */
  #approach(goal: number): void {
    const { source } = this.#player;
    if (source.problem !== null || source.history.end > goal) {
      this.#player.seek(goal);
      this.#goal = null;
      this.#isDirty = true;
    } else void source.reach(goal);
  }

  get #isPlaying(): boolean {
    return this.#view.getSnapshot().matches({ playback: 'playing' });
  }

  #scene(): Scene | undefined {
    const { source, frame, place } = this.#player;
    if (!frame) return undefined;
    const { outcome, waiting, keys, more } = this.#client;
    return {
      problem: this.#problem ?? source.problem ?? this.#refusal,
      ...{ source, frame, place, view: this.#view.getSnapshot().context, isPlaying: this.#isPlaying },
      client: { outcome, keys, more, isWaiting: waiting > 0 },
    };
  }

  #controls() {
    const redraw = () => {
      this.#isDirty = true;
    };
    const look = (type: 'sought' | 'stepped', move: () => void) => {
      this.#view.send({ type });
      move();
      redraw();
    };
    return {
      redraw,
      // What goes wrong is the source's problem, which is shown.
      act: (action: ClusterAction) => void this.#act(action).catch(() => {}),
      toggle: () => this.#view.send({ type: 'playToggled' }),
      step: (by: 1 | -1) => look('stepped', () => void this.#player.step(by).then(redraw)),
      seek: (time: number) => look('sought', () => this.#player.seek(time)),
      showFrame: (index: number) => look('sought', () => this.#player.show(index)),
      showBeat: (beat: Place) => look('sought', () => this.#player.goTo(beat)),
      choosePace: (pace: number) => this.#view.send({ type: 'paceChosen', pace }),
      selectNode: (node: string) => this.#view.send({ type: 'nodeSelected', node }),
      selectActor: (actor: string) => this.#view.send({ type: 'actorSelected', actor }),
    };
  }

  async #act(action: ClusterAction): Promise<void> {
    const player = this.#player;
    const isOfClient = action.type === 'put' || action.type === 'get';
    const { begun, outcome } = player.source.act(action, player.place);
    if (isOfClient) this.#setClient({ waiting: this.#client.waiting + 1 });
    const place = await begun;
    if (player !== this.#player) return;
    player.show(place.index);
    this.#isDirty = true;
    const known = await outcome;
    if (player !== this.#player) return;
    if (!isOfClient) {
      if (action.type === 'keys') this.#setKeys(action, known);
      else this.#screen.announce(known.text);
      this.#refusal = known.isDone ? null : known.text;
      return;
    }
    this.#setClient({ waiting: this.#client.waiting - 1, outcome: known });
    await this.#act({ type: 'keys', prefix: '' });
  }

  /** A cluster that was there before may have some. */
  #listKeys(): void {
    const { source } = this.#player;
    if (this.#hasListed || source.isVirtual || !source.actions.has('keys')) return;
    this.#hasListed = true;
    void this.#act({ type: 'keys', prefix: '' });
  }

  #setKeys(
    { prefix, cursor: from }: Extract<ClusterAction, { type: 'keys' }>,
    { keys = [], cursor }: ActionOutcome,
  ): void {
    this.#setClient({
      keys: (from === undefined ? keys : [...this.#client.keys, ...keys]).toSorted(),
      more: cursor === undefined ? null : { prefix, cursor },
    });
  }

  #setClient(change: Partial<ClientState>): void {
    this.#client = { ...this.#client, ...change };
    this.#isDirty = true;
  }

  /** Tells who listens what has happened since. */
  #announce(): void {
    const { source, place } = this.#player;
    const news = source.history.events.filter(
      ({ index, event }) =>
        index > this.#announcedUpTo && index <= place.index && announced.includes(event.type),
    );
    const last = news.at(-1);
    if (last && this.#isPlaying) this.#screen.announce(last.event.text);
    this.#announcedUpTo = place.index;
  }

  /** What does not change with time. */
  #drawChrome(): void {
    const { context, value } = this.#view.getSnapshot();
    this.#isDirty = true;
    applyTheme(context.theme);
    const dark = isDark(context.theme);
    const isShareable = this.#player.source.isVirtual;
    const themeText = dark ? 'Light' : 'Dark';
    render(
      html`<button type="button" @click=${() => this.#view.send({ type: 'storiesToggled' })}>Stories</button>
        ${isShareable ? html`<button type="button" @click=${() => this.#view.send({ type: 'shareToggled' })}>Share</button>` : ''}
        <button type="button" @click=${() => this.#view.send({ type: 'themeToggled', isDark: dark })}>${themeText}</button>`,
      element('menu'),
    );
    this.#drawDialogs(value.dialog);
  }

  #drawDialogs(open: string): void {
    for (const id of ['stories', 'share']) {
      const dialog = element<HTMLDialogElement>(id);
      if (dialog.open && open !== id) dialog.close();
      if (dialog.open || open !== id) continue;
      const close = () => dialog.close();
      const begin = (scenario: Scenario) => {
        history.replaceState(null, '', location.pathname + location.search);
        this.#show({ scenario, actions: [], time: null });
      };
      const openStory = (name: string) => begin({ kind: 'story', name });
      const openSandbox = (seed: number, nodes: number) => begin({ kind: 'sandbox', seed, nodes });
      const openLive = isServedLive() ? () => begin({ kind: 'live' }) : null;
      const link = `${location.href.replace(/#.*/, '')}${this.#player.source.link(this.#player.place.time) ?? ''}`;
      render(
        id === 'share'
          ? shareTemplate(link, close)
          : storiesTemplate({ openStory, openSandbox, openLive, close }),
        dialog,
      );
      dialog.showModal();
    }
  }
}

function paceOf(scenario: Scenario): number {
  if (scenario.kind !== 'story') return paceOfSandbox;
  return 'lab' in storyNamed(scenario.name).content ? paceOfLab : paceOfStory;
}

function viewOfAddress(): { readonly view: SharedView; readonly problem: string | null } {
  try {
    const view = viewOf(location.hash) ?? firstView;
    if (view.scenario.kind === 'story') storyNamed(view.scenario.name);
    return { view, problem: null };
  } catch (error) {
    if (error instanceof UnreadableLink || error instanceof UnknownStory)
      return { view: firstView, problem: error.message };
    throw error;
  }
}

/** The server of a running cluster gives the page under another name. */
function isServedLive(): boolean {
  return document.documentElement.dataset.source === 'live';
}
