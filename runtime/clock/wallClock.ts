/** The machine's clock for a bench that is made for virtual time: the same scenarios, as long as they really take. */
import { realClock } from './realClock.ts';
import type { SimulationClock } from './simulationClock.ts';

/** How often a condition that is waited for is looked at, ms. */
const pollMs = 2;

export class WallClock implements SimulationClock {
  readonly shortestHopMs = 0;
  readonly now = realClock.now;
  readonly clearTimeout = realClock.clearTimeout;
  #sequence = 0;

  setTimeout(callback: () => void, delayMs: number): unknown {
    return realClock.setTimeout(callback, delayMs);
  }

  takeSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  schedule(time: number, _sequence: number, _label: unknown, run: () => void): unknown {
    const delayMs = time - this.now();
    // A timer takes at least a millisecond.
    return delayMs < 0.5 ? setImmediate(run) : setTimeout(run, delayMs);
  }

  async run(deadline: number, until: () => boolean = () => false): Promise<boolean> {
    while (!until()) {
      const left = deadline - this.now();
      if (left <= 0) return false;
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, pollMs)));
    }
    return true;
  }
}
