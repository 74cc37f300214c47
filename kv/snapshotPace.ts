/**
 * How fast a snapshot is written: in small pieces, with a rest behind each that grows with the work, so that requests
 * have most of the event loop and of the disk. What waits behind a piece waits for a millisecond. Where the log outgrows the
 * snapshot, rests become shorter, down to none: memory and the time of a restart are bounded.
 */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** Rest for each millisecond of work: a snapshot takes a fifth of the time at most. */
const restPerWork = 4;
/** A piece that took longer did not work but wait, for a core or for the disk. */
const workMsMax = 2;
/** Bytes that the log may grow beyond the size at which snapshots are taken, until there are no rests any more. */
const logBytesSpare = 16 * 1024 * 1024;
/** Shorter rests are saved up: no timer is finer. */
const restMsMin = 1;

export class SnapshotPace {
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<unknown>;
  #resumedAt = 0;
  /** Rest that is still to be taken, ms. */
  #owed = 0;

  /** Both in ms: a clock that never runs backwards, and how to wait. */
  constructor(now: () => number, pause: (ms: number) => Promise<unknown> = delay) {
    this.#now = now;
    this.#pause = pause;
  }

  /** The work on a piece begins. */
  resume(): void {
    this.#resumedAt = this.#now();
  }

  /**
   * The work on a piece is done; settles when the next may begin.
   * @param logBytesOver by which the log exceeds the size at which snapshots are taken
   */
  async rest(logBytesOver = 0): Promise<void> {
    const worked = this.#now() - this.#resumedAt;
    const leisure = Math.max(0, 1 - logBytesOver / logBytesSpare);
    this.#owed += Math.min(worked, workMsMax) * restPerWork * leisure;
    const ms = this.#owed < restMsMin ? 0 : this.#owed;
    this.#owed -= ms;
    // The event loop turns in any case.
    await (ms === 0 ? turn() : this.#pause(ms));
  }
}
