/** What the labs' benches have in common: a clock, virtual or the machine's, a network on it, and a limit. */
import { SeededRandom } from '../../machines/random.ts';
import type { SimulationClock } from '../clock/simulationClock.ts';
import { VirtualClock } from '../clock/virtualClock.ts';
import { WallClock } from '../clock/wallClock.ts';
import type { RaftNode } from '../raftNode.ts';
import { realScheduling, type Scheduling, virtualScheduling } from '../scheduling.ts';
import type { MemoryPersister } from '../storage/persister.ts';
import { type Conditions, SimulatedNetwork } from './network.ts';

/** What must hold does not, in this run; the message names the seed that shows it again. */
export class ScenarioFailure extends Error {
  override readonly name = 'ScenarioFailure';
  readonly code = 'ScenarioFailure';
}

export interface BenchOptions {
  readonly seed?: number | string;
  readonly conditions?: Conditions;
  /** On the machine's clock in place of the virtual one: everything takes as long as it really does. */
  readonly realTime?: boolean;
  /** The run fails when it takes longer, ms of its clock; no limit unless given. */
  readonly limitMs?: number;
}

/** Something that a scenario does, or waits for, in a sentence. */
export interface Act {
  readonly text: string;
  /** Time passes, and nothing is done meanwhile. */
  readonly isPause: boolean;
}

/** A pause that is shorter is not told of, ms. */
const toldPauseMs = 100;

export abstract class Bench {
  /** Hears of each act as it is done. */
  onAct: (act: Act) => void = () => {};
  /** Called after each event of the clock, with all that it set off, and before the first. What it throws ends the run. */
  onTurn: () => void = () => {};
  readonly clock: SimulationClock;
  readonly network: SimulatedNetwork;
  protected readonly seed: number | string;
  protected readonly scheduling: Scheduling;
  /** What must always hold did not, at some moment since the last look. */
  protected failure: ScenarioFailure | undefined;
  /** When the run began, and when it must be over, ms. */
  readonly #begun: number;
  readonly #deadline: number;

  constructor({ seed = 1, conditions, realTime = false, limitMs }: BenchOptions) {
    this.seed = seed;
    this.clock = realTime ? new WallClock() : new VirtualClock();
    this.scheduling = realTime ? realScheduling : virtualScheduling;
    this.#begun = this.clock.now();
    this.#deadline = this.#begun + (limitMs ?? Number.POSITIVE_INFINITY);
    this.network = new SimulatedNetwork(this.clock, new SeededRandom(`${seed} network`));
    if (conditions) this.network.conditions = conditions;
  }

  /** How many servers there are. */
  abstract get size(): number;

  /** Silences a server for good; what it persisted is kept. */
  abstract crash(i: number): void;

  /** Builds a new server from what the crashed one persisted. */
  abstract restart(i: number): void;

  abstract persister(i: number): MemoryPersister;

  /** The node of a server, in its present life, to be looked at; undefined: down. */
  abstract running(i: number): RaftNode | undefined;

  /** Ends all servers, and who uses them. */
  abstract stop(): void;

  /** Lets time pass. */
  async sleep(ms: number): Promise<void> {
    if (ms >= toldPauseMs) this.act(`For ${Math.round(ms)} ms …`, true);
    await this.pass(ms);
  }

  /**
   * Lets time pass until `holds`; returns whether it did within `ms`.
   * @throws ScenarioFailure if what must always hold does not, or the run takes longer than it may
   */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const deadline = Math.min(this.clock.now() + ms, this.#deadline);
    const held = await this.clock.run(deadline, () => {
      this.onTurn();
      return this.failure !== undefined || holds();
    });
    if (this.failure) throw this.failure;
    if (!held && deadline === this.#deadline) throw this.fail('the run takes longer than it may');
    return held;
  }

  protected act(text: string, isPause = false): void {
    this.onAct({ text, isPause });
  }

  /** Lets time pass, as a part of an act. */
  protected async pass(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Of the clock, since the run began. */
  protected get seconds(): number {
    return (this.clock.now() - this.#begun) / 1000;
  }

  protected fail(what: string): ScenarioFailure {
    return new ScenarioFailure(`After ${this.seconds.toFixed(3)} s with seed ${this.seed}: ${what}.`);
  }
}
