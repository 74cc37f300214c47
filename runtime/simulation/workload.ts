/** Commands at random times, from a generator of their own; the next one is plain data, so that it can be captured. */
import type { SeededRandom } from '../../machines/random.ts';
import type { VirtualClock } from '../clock/virtualClock.ts';
import type { Range } from './network.ts';

export interface WorkloadOptions {
  /** From one command, or burst of them, to the next, ms. Below 0.01 counts as 0.01, so that time always moves. */
  readonly everyMs: Range;
  /** How many come at once, at the same node; one by default. */
  readonly burst?: Range;
  /** Size of a command, bytes. */
  readonly bytes: Range;
  /** The share of commands that are reads in place of writes, in [0, 1]. */
  readonly reads?: number;
}

export interface WorkloadImage {
  /** Commands so far. */
  readonly count: number;
  readonly random: readonly number[];
  /** When the next command is due on the clock. */
  readonly next: { readonly time: number; readonly sequence: number };
}

/** Whom the commands go to; `choice`, in [0, 1), says to which of those that come into question. */
export interface WorkloadTarget {
  propose(command: Uint8Array, choice: number): void;
  read(choice: number): void;
}

const everyMsMin = 0.01;
const toBytes = new TextEncoder();

export class Workload {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #options: WorkloadOptions;
  readonly #target: WorkloadTarget;
  #count = 0;
  #next = { time: 0, sequence: 0 };

  constructor(clock: VirtualClock, random: SeededRandom, options: WorkloadOptions, target: WorkloadTarget) {
    this.#clock = clock;
    this.#random = random;
    this.#options = options;
    this.#target = target;
  }

  get count(): number {
    return this.#count;
  }

  start(): void {
    const time = this.#clock.now() + Math.max(everyMsMin, this.#draw(this.#options.everyMs));
    this.#wait({ time, sequence: this.#clock.takeSequence() });
  }

  image(): WorkloadImage {
    return { count: this.#count, random: this.#random.image(), next: { ...this.#next } };
  }

  /** In place of `start`. */
  restore(image: WorkloadImage): void {
    this.#count = image.count;
    this.#random.restore(image.random);
    this.#wait({ ...image.next });
  }

  #wait(next: { time: number; sequence: number }): void {
    this.#next = next;
    this.#clock.schedule(next.time, next.sequence, 'the workload', () => {
      const { burst } = this.#options;
      const choice = this.#random.next();
      const last = this.#count + (burst ? Math.round(this.#draw(burst)) : 1);
      while (this.#count < last) this.#submit(choice);
      this.start();
    });
  }

  #submit(choice: number): void {
    const { bytes, reads = 0 } = this.#options;
    this.#count += 1;
    if (reads > 0 && this.#random.next() < reads) {
      this.#target.read(choice);
      return;
    }
    const size = Math.floor(this.#draw(bytes));
    this.#target.propose(toBytes.encode(`command ${this.#count} `.padEnd(size, '.')), choice);
  }

  #draw([min, max]: Range): number {
    return min + this.#random.next() * (max - min);
  }
}
