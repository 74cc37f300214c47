/**
 * The time by which keys and sessions expire: that of the log, and of no replica's clock. Each entry carries the time of
 * day at which its leader proposed it; log time is the latest of those that were applied. It is therefore the same on
 * every replica at every index, and stands still where a new leader's clock is behind.
 */
export class LogTime {
  #now = 0;

  /** ms since the Unix epoch; 0 before the first entry. */
  get now(): number {
    return this.#now;
  }

  /** An entry that was proposed at `time` is being applied. */
  pass(time: number): void {
    if (time > this.#now) this.#now = time;
  }

  /** Takes over a snapshot's. */
  restore(time: number): void {
    this.#now = time;
  }
}
