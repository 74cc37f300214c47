/**
 * A cluster that is simulated in the browser. The frame after each event is kept, so that looking back costs nothing;
 * doing something in the past plays the scenario again from its seed up to there, and goes on from that.
 */
import type {
  ActionOutcome,
  ClusterAction,
  ClusterActionType,
} from '../../runtime/observation/clusterAction.ts';
import type { ClusterEvent, ClusterFrame } from '../../runtime/observation/clusterFrame.ts';
import { SimulationObserver } from '../../runtime/observation/simulationObserver.ts';
import type { Acted, ClusterSource, Place, Story } from './clusterSource.ts';
import { FrameHistory } from './frameHistory.ts';
import { inflictAction } from './inflictAction.ts';
import { linkOf } from './pageLink.ts';
import type { Scenario, ScheduledAction, SharedView } from './scenario.ts';
import { scriptBeats } from './scriptBeats.ts';
import { storyNamed } from './stories.ts';
import { StoryTeller } from './storyTeller.ts';
import type { World } from './world.ts';
import { runWorld } from './worlds.ts';

/** Frames that are kept: minutes of simulated time. */
const framesMax = 50_000;
/** Where nothing happens, a frame comes this often all the same, ms. */
const quietMs = 100;
/** Of a plan, what is kept before the moment that is looked at, ms. */
const keptBeforeMs = 4000;
/** So close to the last frame an action is not in the past, but the next thing to happen. */
const framesOfNow = 3;

/** Ends the playing of a scenario where somebody interferes. */
class Interference extends Error {}

export class SimulatedSource implements ClusterSource {
  readonly history = new FrameHistory();
  readonly isVirtual = true;
  onChange: () => void = () => {};
  problem: string | null = null;
  readonly #scenario: Scenario;
  readonly #teller: StoryTeller | undefined;
  readonly #actions: ScheduledAction[];
  /** How many events of the clock each frame has seen. */
  readonly #eventsAt: number[] = [];
  #world: World | undefined;
  #observer: SimulationObserver | undefined;
  /** One thing at a time. */
  #work: Promise<unknown> = Promise.resolve();
  #isClosed = false;
  readonly #recordFrom: number;

  /** `time`: the moment that is going to be looked at first, ms; of a plan, only what lies around it is kept. */
  constructor({ scenario, actions, time }: SharedView) {
    this.#recordFrom = scenario.kind === 'plan' && time !== null ? time - keptBeforeMs : 0;
    this.#scenario = scenario;
    this.#actions = [...actions];
    this.#teller = scenario.kind === 'story' ? tellerOf(scenario.name) : undefined;
    this.#enqueue(() => this.#playAll()).catch(() => {});
  }

  get actions(): ReadonlySet<ClusterActionType> {
    return this.#world?.actions ?? new Set();
  }

  get hasClients(): boolean {
    return this.#world?.hasClients ?? false;
  }

  get title(): string {
    const scenario = this.#scenario;
    if (scenario.kind === 'live') return '';
    if (scenario.kind === 'story') return this.#teller?.story.title ?? scenario.name;
    return `${scenario.kind === 'plan' ? 'Soak seed' : 'Seed'} ${scenario.seed}, ${scenario.nodes} nodes`;
  }

  get story(): Story | null {
    return this.#teller?.story ?? null;
  }

  reach(time: number): Promise<void> {
    if (this.history.length > 0 && this.history.end > time) return Promise.resolve();
    return this.#enqueue(() => this.#runBeyond(time)).catch(() => {});
  }

  act(action: ClusterAction, place: Place): Acted {
    const done = this.#enqueue(async () => {
      if (place.index < this.history.length - framesOfNow) await this.#goBackTo(place);
      const { clock } = this.#open().simulation;
      const scheduled = { events: clock.eventsTaken, atMs: clock.now(), action };
      if (changesTheCluster(action)) this.#actions.push(scheduled);
      const outcome = this.#do(scheduled);
      await this.#settle();
      return { outcome, place: this.#now() };
    });
    return { begun: done.then(({ place: now }) => now), outcome: done.then(({ outcome }) => outcome) };
  }

  link(time: number): string {
    return linkOf({ scenario: this.#scenario, actions: this.#actions, time });
  }

  close(): void {
    // What is under way ends at its next event.
    this.#isClosed = true;
    this.#enqueue(async () => this.#abandon()).catch(() => {});
  }

  /** What came behind it has not happened. */
  async #goBackTo({ index, time }: Place): Promise<void> {
    this.history.cutAfter(index);
    this.#eventsAt.length = this.history.length;
    const events = this.#eventsAt[index] ?? 0;
    const kept = this.#actions.filter((one) => one.events <= events && one.atMs <= time);
    this.#actions.splice(0, this.#actions.length, ...kept);
    this.#teller?.cutAfter(time);
    await this.#playAll({ events, atMs: time });
  }

  #open(): World {
    if (!this.#world) throw new Error('The scenario has not begun yet.');
    return this.#world;
  }

  async #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#work;
    const done = before.then(work);
    // Whoever asked may not look; the page shows it.
    this.#work = done.catch((error: unknown) => {
      this.problem ??= error instanceof Error ? error.message : String(error);
    });
    try {
      return await done;
    } finally {
      if (!this.#isClosed) this.onChange();
    }
  }

  /** From the seed: the scenario, and then all that was done; up to a place that frames have shown before, if given. */
  async #playAll(end?: Omit<ScheduledAction, 'action'>): Promise<void> {
    this.#abandon();
    const first = this.#actions[0] ?? end;
    try {
      await runWorld(this.#scenario, {
        onOpen: (world) => this.#watch(world, first?.events),
        onTold: (told, number) => this.#teller?.hear(told, number, this.#now()),
        onEvent: (event) => this.#tell(event),
      });
      this.#teller?.finish(this.#now().time);
      this.#record();
    } catch (error) {
      if (!isInterference(error)) throw error;
    }
    const { simulation } = this.#open();
    for (const scheduled of this.#actions) {
      await this.#runTo(scheduled);
      void this.#do(scheduled);
      await this.#settle();
    }
    if (end) await this.#runTo(end);
    else if (simulation.clock.now() === 0) this.#record();
  }

  #watch(world: World, interferedAt = Number.POSITIVE_INFINITY): void {
    this.#world = world;
    const { simulation } = world;
    this.#observer = new SimulationObserver(simulation, world.describe);
    this.#record();
    simulation.onTurn = () => {
      this.#record();
      if (simulation.clock.eventsTaken >= interferedAt) throw new Interference();
      if (this.#isClosed) throw new Interference();
    };
  }

  #abandon(): void {
    if (!this.#world) return;
    const { simulation } = this.#world;
    simulation.onTurn = () => {};
    simulation.stop();
    this.#world = undefined;
  }

  #now(): Place {
    return { index: Math.max(0, this.history.length - 1), time: this.#open().simulation.clock.now() };
  }

  /** Nothing else happens on the way: the place comes from a run of the same scenario. */
  async #runTo({ events, atMs }: Omit<ScheduledAction, 'action'>): Promise<void> {
    const { simulation } = this.#open();
    const { clock } = simulation;
    simulation.onTurn = () => this.#record();
    await simulation.until(() => clock.eventsTaken >= events, Math.max(0, atMs - clock.now()));
    await simulation.run(Math.max(0, atMs - clock.now()));
  }

  async #runBeyond(time: number): Promise<void> {
    if (this.history.length >= framesMax) {
      this.problem ??= 'This run has become too long to be kept: begin another one.';
      return;
    }
    const { simulation } = this.#open();
    simulation.onTurn = () => this.#record();
    while (this.history.end <= time && !this.#isClosed) {
      const { length } = this.history;
      const shown = await simulation.until(() => this.history.length > length, quietMs);
      if (!shown) this.#append(this.#frame());
    }
  }

  #do({ action }: ScheduledAction): Promise<ActionOutcome> {
    const { simulation, serve } = this.#open();
    const answer = serve(action);
    if (answer) return answer;
    const { event, ...outcome } = inflictAction(simulation, action);
    if (event)
      this.#observer?.tell({ ...event, time: simulation.clock.now(), term: null, text: outcome.text });
    return Promise.resolve(outcome);
  }

  #tell(event: Pick<ClusterEvent, 'type' | 'text'> & Partial<ClusterEvent>): void {
    const { clock } = this.#open().simulation;
    this.#observer?.tell({ time: clock.now(), term: null, node: null, ...event });
  }

  /** What an action sets off at once. */
  async #settle(): Promise<void> {
    await this.#open().simulation.run(0);
    this.#record();
  }

  #frame(): ClusterFrame {
    if (!this.#observer) throw new Error('Nobody looks at the simulation.');
    return this.#observer.frame();
  }

  /** The frame of now, unless it shows nothing new or has been shown already. */
  #record(): void {
    if (this.#open().simulation.clock.now() < this.#recordFrom || this.history.length >= framesMax) return;
    const frame = this.#frame();
    const { eventsTaken } = this.#open().simulation.clock;
    const isKnown = frame.time < this.history.end || eventsTaken < (this.#eventsAt.at(-1) ?? 0);
    if (!isKnown && !looksLike(this.history.last(), frame)) this.#append(frame);
  }

  #append(frame: ClusterFrame): void {
    this.history.append(frame);
    this.#eventsAt.push(this.#open().simulation.clock.eventsTaken);
  }
}

/** @throws UnknownStory */
function tellerOf(name: string): StoryTeller {
  const { title, content } = storyNamed(name);
  const introduction = 'lab' in content ? content.lab.about : scriptBeats(content.script).introduction;
  return new StoryTeller({ title, introduction });
}

function isInterference(error: unknown): boolean {
  return error instanceof Interference || (error instanceof Error && error.cause instanceof Interference);
}

function looksLike(one: ClusterFrame | undefined, other: ClusterFrame): boolean {
  if (!one || other.events.length > 0) return false;
  return (
    one.nodes.every((node, i) => node === other.nodes[i]) &&
    one.messages.length === other.messages.length &&
    one.messages.every(({ id }, i) => id === other.messages[i]?.id) &&
    one.cuts.length === other.cuts.length
  );
}

/** Looking leaves no trace. */
function changesTheCluster({ type }: ClusterAction): boolean {
  return type !== 'keys';
}
