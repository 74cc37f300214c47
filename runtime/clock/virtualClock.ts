/**
 * Simulated time: events ordered by (time, sequence). It takes one event, lets everything that the event set off finish
 * (one turn of the event loop), and takes the next, so that a run does not depend on how many awaits the code has.
 */

import type { EventOrder, Label, SimulationClock, VirtualTimer } from './simulationClock.ts';
import { turn } from './turn.ts';

/** More events than this at one instant are a loop that time cannot leave. */
const eventsPerInstantMax = 10_000;

interface Timer extends VirtualTimer {
  readonly label: Label;
  readonly run: () => void;
  cancelled: boolean;
}

/** Too many events at one instant. */
export class TimeStandsStill extends Error {
  override readonly name = 'TimeStandsStill';
  readonly code = 'TimeStandsStill';
}

export class VirtualClock implements SimulationClock, EventOrder {
  readonly shortestHopMs = 1;
  #now = 0;
  #sequence = 0;
  /** A binary heap by (time, sequence). */
  readonly #heap: Timer[] = [];
  #turning = false;
  #eventsTaken = 0;

  now(): number {
    return this.#now;
  }

  /** How many events it has taken since it was made: with the seed, a place in a run. */
  get eventsTaken(): number {
    return this.#eventsTaken;
  }

  setTimeout(callback: () => void, delayMs: number, label: Label = 'timer'): VirtualTimer {
    return this.schedule(this.dueAt(delayMs), this.takeSequence(), label, callback);
  }

  dueAt(delayMs: number): number {
    return this.#now + Math.max(0, delayMs);
  }

  /** The next place in the order of events of one instant. */
  takeSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  clearTimeout(timer: unknown): void {
    if (timer) (timer as Timer).cancelled = true; // made by setTimeout above
  }

  /** Puts an event where an image says that it was. */
  schedule(time: number, sequence: number, label: Label, run: () => void): VirtualTimer {
    const timer: Timer = { time, sequence, label, run, cancelled: false };
    this.#push(timer);
    return timer;
  }

  image(): { readonly now: number; readonly sequence: number } {
    return { now: this.#now, sequence: this.#sequence };
  }

  restore(image: { readonly now: number; readonly sequence: number }): void {
    this.#now = image.now;
    this.#sequence = image.sequence;
  }

  /**
   * Runs events until `until()` holds, checked after each, or until the time `deadline` (ms) has come.
   * @returns whether `until` held
   * @throws TimeStandsStill
   */
  async run(deadline: number, until: () => boolean = () => false): Promise<boolean> {
    if (this.#turning)
      throw new Error('The virtual clock is running already: await the run before starting another.');
    this.#turning = true;
    try {
      await turn();
      const instant = { time: -1, labels: [] as string[], count: 0 };
      while (!until()) {
        const timer = this.#next(deadline);
        if (!timer) {
          this.#now = Math.max(this.#now, deadline);
          return false;
        }
        this.#watch(instant, timer);
        this.#now = timer.time;
        this.#eventsTaken += 1;
        timer.run();
        await turn();
      }
      return true;
    } finally {
      this.#turning = false;
    }
  }

  #watch(instant: { time: number; labels: string[]; count: number }, timer: Timer): void {
    if (instant.time !== timer.time) Object.assign(instant, { time: timer.time, labels: [], count: 0 });
    instant.count += 1;
    if (instant.count > eventsPerInstantMax - 20) {
      instant.labels.push(typeof timer.label === 'string' ? timer.label : timer.label());
    }
    if (instant.count > eventsPerInstantMax) {
      const names = [...new Set(instant.labels)].join(', ');
      throw new TimeStandsStill(
        `${instant.count} events at ${timer.time} ms: time stands still for ${names}.`,
      );
    }
  }

  #next(deadline: number): Timer | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.time > deadline) return undefined;
      this.#pop();
      if (!first.cancelled) return first;
    }
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(timer, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      const left = heap[child];
      const right = heap[child + 1];
      if (!left) break;
      if (right && isBefore(right, left)) child += 1;
      const least = heap[child];
      if (!least || !isBefore(least, last)) break;
      heap[i] = least;
      i = child;
    }
    heap[i] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
