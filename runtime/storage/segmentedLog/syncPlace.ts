/**
 * Where the log is synced: on the event loop while the disk is quick, on another thread while it is not. To wake a thread
 * and to be woken by it takes longer than a quick disk, and the more so the busier the machine is; a slow disk must not
 * keep the loop from its sockets.
 */
import { loopSyncMsMax, stallMs, syncsJudged, syncsJudgedMax } from './storageLimits.ts';

export class SyncPlace {
  /** Nothing is known of the disk yet. */
  #isLoop = false;
  /** So many syncs are judged together: more after each stall of the loop, fewer again while there is none. */
  #judged = syncsJudged;
  #noted = 0;
  #quickestMs = Number.POSITIVE_INFINITY;

  get isLoop(): boolean {
    return this.#isLoop;
  }

  /**
   * A sync took so long, ms, with all that it had to wait for. What a busy processor adds says nothing of the disk: the
   * quickest of several does.
   */
  note(ms: number): void {
    this.#noted += 1;
    this.#quickestMs = Math.min(this.#quickestMs, ms);
    if (this.#isLoop && ms > stallMs) {
      this.#judged = Math.min(this.#judged * 2, syncsJudgedMax);
      this.#begin(false);
    } else if (this.#noted === this.#judged) {
      if (this.#isLoop) this.#judged = Math.max(this.#judged / 2, syncsJudged);
      this.#begin(this.#quickestMs <= loopSyncMsMax);
    }
  }

  #begin(isLoop: boolean): void {
    this.#isLoop = isLoop;
    this.#noted = 0;
    this.#quickestMs = Number.POSITIVE_INFINITY;
  }
}
