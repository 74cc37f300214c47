/** The frames of a cluster so far, in the order of time, to be looked at in any order. */
import type { ClusterEvent, ClusterFrame } from '../../runtime/observation/clusterFrame.ts';

/** An event, and the first frame that shows it. */
export interface PlacedEvent {
  readonly index: number;
  readonly event: ClusterEvent;
}

export class FrameHistory {
  readonly #frames: ClusterFrame[] = [];
  #events: PlacedEvent[] = [];

  get length(): number {
    return this.#frames.length;
  }

  /** The time of the first frame, ms; 0 while there is none. */
  get begin(): number {
    return this.#frames[0]?.time ?? 0;
  }

  /** The time of the last frame, ms; 0 while there is none. */
  get end(): number {
    return this.#frames.at(-1)?.time ?? 0;
  }

  get events(): readonly PlacedEvent[] {
    return this.#events;
  }

  at(index: number): ClusterFrame | undefined {
    return this.#frames[index];
  }

  last(): ClusterFrame | undefined {
    return this.#frames.at(-1);
  }

  append(frame: ClusterFrame): void {
    const index = this.#frames.push(frame) - 1;
    if (frame.events.length > 0)
      this.#events = [...this.#events, ...frame.events.map((event) => ({ index, event }))];
  }

  /** The last frame at or before `time`, by its place; 0 if there is none. */
  indexAt(time: number): number {
    let low = 0;
    let high = this.#frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#frames[middle]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Forgets the first `count` frames. */
  cutBefore(count: number): void {
    this.#frames.splice(0, count);
    this.#events = this.#events.flatMap(({ index, event }) =>
      index >= count ? [{ index: index - count, event }] : [],
    );
  }

  /** Forgets what lies behind a frame. */
  cutAfter(index: number): void {
    this.#frames.length = Math.min(this.#frames.length, index + 1);
    this.#events = this.#events.filter((placed) => placed.index <= index);
  }
}
