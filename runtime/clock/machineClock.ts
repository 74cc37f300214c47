/**
 * The time of one simulated machine over all its lives: its clock may run fast or slow against the world's, and its
 * process may be paused, so that all that was due meanwhile comes late.
 */
import type { ActorTime } from './actorClock.ts';
import type { Label, VirtualTimer } from './simulationClock.ts';

export interface MachineClockImage {
  readonly rate: number;
  /** The world's time, ms, since which the rate holds, and the machine's own at that moment. */
  readonly since: number;
  readonly ownSince: number;
  readonly pausedUntil: number;
}

interface MachineTimer extends VirtualTimer {
  time: number;
  inner: unknown;
}

export class MachineClock implements ActorTime {
  readonly #world: ActorTime;
  #image: MachineClockImage;

  /** `offsetMs`: what the machine's clock shows when the world's shows 0. */
  constructor(world: ActorTime, offsetMs = 0) {
    this.#world = world;
    this.#image = { rate: 1, since: 0, ownSince: offsetMs, pausedUntil: 0 };
  }

  now(): number {
    const { rate, since, ownSince } = this.#image;
    return ownSince + (this.#world.now() - since) * rate;
  }

  /** The world's time at which this machine's clock has gone on by `delayMs`. */
  dueAt(delayMs: number): number {
    return this.#world.dueAt(delayMs / this.#image.rate);
  }

  /** From now on it goes on by `rate` ms in each of the world's. A timer that is set keeps its moment. */
  setRate(rate: number): void {
    this.#image = { ...this.#image, rate, since: this.#world.now(), ownSince: this.now() };
  }

  /** Nothing of the machine happens for so long; its clock goes on. */
  pause(ms: number): void {
    this.#image = { ...this.#image, pausedUntil: Math.max(this.#image.pausedUntil, this.#world.dueAt(ms)) };
  }

  /** A new process is not paused. */
  endPause(): void {
    this.#image = { ...this.#image, pausedUntil: 0 };
  }

  /** The world's time before which nothing happens on the machine. */
  get pausedUntil(): number {
    return this.#image.pausedUntil;
  }

  takeSequence(): number {
    return this.#world.takeSequence();
  }

  schedule(time: number, sequence: number, label: Label, run: () => void): VirtualTimer {
    const timer: MachineTimer = { time, sequence, inner: undefined };
    this.#arm(timer, label, run);
    return timer;
  }

  #arm(timer: MachineTimer, label: Label, run: () => void): void {
    timer.inner = this.#world.schedule(timer.time, timer.sequence, label, () => {
      if (timer.time >= this.#image.pausedUntil) {
        run();
        return;
      }
      timer.time = this.#image.pausedUntil;
      this.#arm(timer, label, run);
    });
  }

  clearTimeout(timer: unknown): void {
    this.#world.clearTimeout((timer as MachineTimer | undefined)?.inner); // made by schedule above
  }

  image(): MachineClockImage {
    return this.#image;
  }

  restore(image: MachineClockImage): void {
    this.#image = image;
  }
}
