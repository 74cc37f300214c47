/** Moves the moment that is shown: on with real time, at a pace that lingers where messages fly and hurries where nothing does. */
import type { ClusterFrame } from '../runtime/observation/clusterFrame.ts';
import type { ClusterSource, Place } from './source/clusterSource.ts';

/** However long nothing happens, it takes at most this long to show, s. */
const quietSecondsMax = 0.6;
/** However long a story passes over, s. */
const skippedSecondsMax = 1.5;
/** Of the live cluster: how far behind its newest frame the page is, and how much that may vary, ms. */
const liveDelayMs = 150;
const liveDriftMsMax = 400;
/** A page that was hidden does not make up for it, s. */
const stepSecondsMax = 0.1;

export class Player {
  readonly source: ClusterSource;
  #place: Place = { index: 0, time: 0 };

  constructor(source: ClusterSource) {
    this.source = source;
  }

  get place(): Place {
    return this.#place;
  }

  get frame(): ClusterFrame | undefined {
    return this.source.history.at(this.#place.index);
  }

  /** Shows a moment, ms; of virtual time, one that there is already. */
  seek(time: number): void {
    const { history } = this.source;
    const bounded = Math.min(Math.max(time, history.begin), Math.max(history.end, history.begin));
    this.#place = { index: history.indexAt(bounded), time: bounded };
  }

  /** The history of a real cluster forgets its beginning: frames change their places, the moment does not. */
  stay(): void {
    if (!this.source.isVirtual) this.seek(this.#place.time);
  }

  /** Shows the frame at a place of the history. */
  show(index: number): void {
    const bounded = Math.min(Math.max(0, index), Math.max(0, this.source.history.length - 1));
    this.#place = { index: bounded, time: this.source.history.at(bounded)?.time ?? 0 };
  }

  /** Shows a frame at a time behind it, at which it still stands. */
  goTo(place: Place): void {
    this.show(place.index);
    this.#place = { index: this.#place.index, time: Math.max(this.#place.time, place.time) };
  }

  /** One event on, or back. */
  async step(by: 1 | -1): Promise<void> {
    if (by > 0) await this.source.reach(this.source.history.at(this.#place.index)?.time ?? 0);
    this.show(this.#place.index + by);
  }

  /**
   * Lets `seconds` pass at a pace of so many ms a second.
   * @returns false where it can go no further
   */
  advance(seconds: number, pace: number): boolean {
    const { history, isVirtual, story } = this.source;
    if (!isVirtual) {
      this.#follow(seconds);
      return true;
    }
    const from = this.#place.time;
    const next = history.at(this.#place.index + 1)?.time;
    if (next === undefined) {
      void this.source.reach(from);
      return this.source.problem === null;
    }
    const to = from + Math.min(seconds, stepSecondsMax) * this.#rate(next, pace);
    const end = story?.end ?? Number.POSITIVE_INFINITY;
    this.seek(from < end ? Math.min(to, end) : to);
    if (to >= history.end) void this.source.reach(to);
    return !(from < end && to >= end);
  }

  /** Real time: a little behind the newest frame, so that what flies does so evenly. */
  #follow(seconds: number): void {
    const { history } = this.source;
    const goal = history.end - liveDelayMs;
    const next = this.#place.time + seconds * 1000;
    // A page that fell behind, or has just begun to look, catches up at once.
    this.seek(Math.abs(goal - next) > liveDriftMsMax ? goal : next + (goal - next) * 0.1);
  }

  /** ms a second. */
  #rate(next: number, pace: number): number {
    const { frame } = this;
    const skipped = this.#skippedMs();
    if (skipped > 0) return Math.max(pace, skipped / skippedSecondsMax);
    if (!frame || frame.messages.length > 0) return pace;
    return Math.max(pace, (next - frame.time) / quietSecondsMax);
  }

  /** How long the part of the story is that is passed over here; 0: it is not. */
  #skippedMs(): number {
    const beats = this.source.story?.beats ?? [];
    const { time } = this.#place;
    const place = beats.findLastIndex((beat) => beat.time <= time && beat.kind === 'step');
    const beat = beats[place];
    const next = beats[place + 1];
    return beat?.isSkipped && next && next.time > time ? next.time - beat.time : 0;
  }
}
