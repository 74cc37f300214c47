/** What the labs' benches have in common: a clock, virtual or the machine's, a network on it, and a limit. */
import { SeededRandom } from '../../machines/random.ts';
import type { SimulationClock } from '../clock/simulationClock.ts';
import { VirtualClock } from '../clock/virtualClock.ts';
import { WallClock } from '../clock/wallClock.ts';
import { realScheduling, type Scheduling, virtualScheduling } from '../scheduling.ts';
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

export abstract class Bench {
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

  /** Lets time pass. */
  async sleep(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /**
   * Lets time pass until `holds`; returns whether it did within `ms`.
   * @throws ScenarioFailure if what must always hold does not, or the run takes longer than it may
   */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const deadline = Math.min(this.clock.now() + ms, this.#deadline);
    const held = await this.clock.run(deadline, () => this.failure !== undefined || holds());
    if (this.failure) throw this.failure;
    if (!held && deadline === this.#deadline) throw this.fail('the run takes longer than it may');
    return held;
  }

  /** Of the clock, since the run began. */
  protected get seconds(): number {
    return (this.clock.now() - this.#begun) / 1000;
  }

  protected fail(what: string): ScenarioFailure {
    return new ScenarioFailure(`After ${this.seconds.toFixed(3)} s with seed ${this.seed}: ${what}.`);
  }
}
