/** Turns a script, as it is played, into the beats of a story. */
import type { Beat, Place, Story } from './clusterSource.ts';
import { storyNamed } from './stories.ts';

export class StoryTeller {
  readonly #lines: readonly string[];
  readonly #title: string;
  readonly #introduction: string;
  #beats: Beat[] = [];
  /** The line behind the last one that was told. */
  #next: number;
  #end: number | null = null;

  constructor(name: string) {
    const { title, text } = storyNamed(name);
    this.#title = title;
    this.#lines = text.split('\n');
    const opening = this.#lines.findIndex(isStep);
    this.#introduction = captionOf(this.#lines.slice(0, opening));
    this.#next = opening + 1;
  }

  get story(): Story {
    return { title: this.#title, introduction: this.#introduction, beats: this.#beats, end: this.#end };
  }

  /** A step is about to be played. What was told before is not told again. */
  hear(line: string, place: number, { index, time }: Place): void {
    if (place < this.#next) return;
    const caption = captionOf(this.#lines.slice(this.#next, place));
    this.#next = place + 1;
    const isSkipped = line.startsWith('Skip ');
    const text = line.replace(/^Skip until/, 'Until').replace(/:$/, ' …');
    this.#beats = [
      ...this.#beats,
      ...(caption === '' ? [] : [{ kind: 'caption', text: caption, index, time, isSkipped: false } as const]),
      { kind: 'step', text, index, time, isSkipped },
    ];
  }

  /** All has been told, at that time, ms. */
  finish(time: number): void {
    const rest = captionOf(this.#lines.slice(this.#next));
    if (rest !== '') this.#beats = [...this.#beats, { ...this.#lastBeat(time), text: rest }];
    this.#end = time;
  }

  /** Somebody interfered: what was going to be told will not happen. */
  cutAfter(time: number): void {
    this.#beats = this.#beats.filter((beat) => beat.time <= time);
    this.#next = Number.POSITIVE_INFINITY;
    this.#end = null;
  }

  #lastBeat(time: number): Beat {
    const index = this.#beats.at(-1)?.index ?? 0;
    return { kind: 'caption', text: '', index, time, isSkipped: false };
  }
}

function isStep(line: string): boolean {
  return /^[^\s#]/.test(line);
}

function captionOf(lines: readonly string[]): string {
  return lines
    .filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#\s*/, ''))
    .join(' ');
}
