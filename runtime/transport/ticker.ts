/** The one timer behind all call timeouts: it counts, and runs only while something waits. */

/** Ticks that make up the period; something is overdue when more than so many have passed since it was noted. */
export const ticksPerPeriod = 8;

export class Ticker {
  /** How often the timer has fired. */
  tick = 0;
  readonly #tickMs: number;
  /** Looks for what is overdue; true if anything still waits. */
  readonly #sweep: (tick: number) => boolean;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(periodMs: number, sweep: (tick: number) => boolean) {
    this.#tickMs = Math.max(1, Math.ceil(periodMs / ticksPerPeriod));
    this.#sweep = sweep;
  }

  /** Something began to wait: returns the tick to note with it. */
  note(): number {
    if (this.#timer === undefined && !this.#stopped) this.#timer = setTimeout(this.#fire, this.#tickMs);
    return this.tick;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  readonly #fire = (): void => {
    this.tick += 1;
    this.#timer = undefined;
    const somethingWaits = this.#sweep(this.tick);
    if (somethingWaits) this.note();
  };
}
