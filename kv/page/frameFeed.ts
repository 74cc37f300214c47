/** Hands the frames of a cluster to all who look, and lets go of the cluster while nobody does. */
import type { ClusterEvent, ClusterFrame } from '../../runtime/observation/clusterFrame.ts';

/** What is looked at. */
export interface FrameSource {
  /** Somebody looks, from now on. */
  open(): void;
  /** Nobody does any more. */
  close(): void;
  /** What it looks like now; its events are those since the call before. Undefined: it is not known yet. */
  frame(): ClusterFrame | undefined;
}

/** Often enough for the eye, ms. */
export const frameEveryMs = 80;

/** The timeline that whoever begins to look is told. */
const pastEventsMax = 200;

export class FrameFeed {
  readonly #source: FrameSource;
  readonly #listeners = new Set<(frame: ClusterFrame) => void>();
  #past: ClusterEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(source: FrameSource) {
    this.#source = source;
  }

  /** How many look. */
  get audience(): number {
    return this.#listeners.size;
  }

  /** The latest events, oldest first. */
  get past(): readonly ClusterEvent[] {
    return this.#past;
  }

  /** Frames from now on, until the function that it gives is called. */
  join(listener: (frame: ClusterFrame) => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#source.open();
      this.#timer = setInterval(() => this.#tell(), frameEveryMs);
    }
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#rest();
    };
  }

  close(): void {
    if (this.#listeners.size === 0) return;
    this.#listeners.clear();
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#source.close();
  }

  #tell(): void {
    const frame = this.#source.frame();
    if (!frame) return;
    this.#past = [...this.#past, ...frame.events].slice(-pastEventsMax);
    for (const listener of this.#listeners) listener(frame);
  }
}
