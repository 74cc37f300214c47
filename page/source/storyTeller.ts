/** Keeps what is told along with a scenario, as it is played. */
import type { Beat, Place, Story } from './clusterSource.ts';

/** A sentence, whenever it is told. */
export type Told = Omit<Beat, keyof Place>;

export class StoryTeller {
  readonly #about: Pick<Story, 'title' | 'introduction'>;
  #beats: Beat[] = [];
  /** The number of what is told next. */
  #next = 0;
  #end: number | null = null;

  constructor(about: Pick<Story, 'title' | 'introduction'>) {
    this.#about = about;
  }

  get story(): Story {
    return { ...this.#about, beats: this.#beats, end: this.#end };
  }

  /** `number` grows from one time to the next: a scenario that is played again does not tell the same again. */
  hear(told: readonly Told[], number: number, { index, time }: Place): void {
    if (number < this.#next) return;
    this.#next = number + 1;
    this.#beats = [...this.#beats, ...told.map((one) => ({ ...one, index, time }))];
  }

  /** All has been told, at that time, ms. */
  finish(time: number): void {
    if (this.#next !== Number.POSITIVE_INFINITY) this.#end = time;
  }

  /** Somebody interfered: what was going to be told will not happen. */
  cutAfter(time: number): void {
    this.#beats = this.#beats.filter((beat) => beat.time <= time);
    this.#next = Number.POSITIVE_INFINITY;
    this.#end = null;
  }
}
