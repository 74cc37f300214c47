/** How much of a caller's requests is still with the service. A request that is never answered counts for one period. */
import { ticksPerPeriod } from './ticker.ts';

/** A request costs memory beyond its payload: its frame, its reply function, what the service keeps. */
const overheadBytes = 256;

export class UnansweredBytes {
  #total = 0;
  /** The same bytes by the tick at which they came in; the last element belongs to the current tick. */
  readonly #byTick: number[] = new Array(ticksPerPeriod + 1).fill(0);
  #tick: number;

  constructor(tick: number) {
    this.#tick = tick;
  }

  get total(): number {
    return this.#total;
  }

  add(payloadBytes: number, tick: number): void {
    this.sweep(tick);
    const bytes = payloadBytes + overheadBytes;
    this.#total += bytes;
    this.#change(tick, bytes);
  }

  /** The request that was added with these values has its answer. */
  subtract(payloadBytes: number, tick: number): void {
    if (this.#tick - tick > ticksPerPeriod) return; // no longer counted
    const bytes = payloadBytes + overheadBytes;
    this.#total -= bytes;
    this.#change(tick, -bytes);
  }

  /** Forgets the requests that came in more than a period ago: the caller has given them up, too. */
  sweep(tick: number): void {
    while (this.#tick < tick) {
      this.#tick += 1;
      const slot = this.#tick % this.#byTick.length;
      this.#total -= this.#byTick[slot] ?? 0;
      this.#byTick[slot] = 0;
    }
  }

  #change(tick: number, bytes: number): void {
    const slot = tick % this.#byTick.length;
    this.#byTick[slot] = (this.#byTick[slot] ?? 0) + bytes;
  }
}
