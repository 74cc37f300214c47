/** A story as it is told: its captions and sentences, with the one that is being shown. */
import { html, type TemplateResult } from 'lit-html';
import type { Beat, Place, Story } from '../source/clusterSource.ts';

/** Sentences of one moment that there is room for. */
const stepsMax = 3;

export interface StoryOptions {
  readonly story: Story;
  readonly place: Place;
  readonly seek: (beat: Beat) => void;
}

/** The last beat that has begun, by its place; -1: none. */
export function beatAt({ beats }: Story, { index, time }: Place): number {
  return beats.findLastIndex((beat) => beat.time <= time && beat.index <= index);
}

/** The caption and the sentence that are being shown, in a place of constant size. */
export function nowTemplate(story: Story, place: Place): TemplateResult {
  const now = beatAt(story, place);
  const caption = story.beats.findLast((beat, i) => i <= now && beat.kind === 'caption');
  const last = story.beats.findLast((beat, i) => i <= now && beat.kind === 'step');
  // What is said and done at one moment is read together.
  const steps = story.beats.filter((beat, i) => i <= now && beat.kind === 'step' && beat.time === last?.time);
  return html`<div class="telling" tabindex="0" role="group" aria-label="What is being told">
    ${steps.slice(-stepsMax).map(({ text }) => html`<p class="step">${text}</p>`)}
    <p class="caption">${caption?.text ?? story.introduction}</p>
  </div>`;
}

/** Brings the sentence that is being shown into sight, within the list alone. */
export function followStory(panel: HTMLElement): void {
  const list = panel.querySelector('.beats');
  const now = panel.querySelector<HTMLElement>('[aria-current=step]');
  if (!list || !now) return;
  const [outer, inner] = [list.getBoundingClientRect(), now.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    list.scrollTop += inner.top - outer.top - outer.height / 2;
  }
}

export function storyTemplate({ story, place, seek }: StoryOptions): TemplateResult {
  const now = beatAt(story, place);
  const caption = story.beats.findLastIndex((beat, i) => i <= now && beat.kind === 'caption');
  return html`<p class="introduction">${story.introduction}</p>
    <ol class="beats" tabindex="0" aria-label="The story">
      ${story.beats.map(
        (
          beat,
          i,
        ) => html`<li class=${`${beat.kind}${i === now || i === caption ? ' now' : ''}${i > now ? ' to-come' : ''}`}>
          <button type="button" class="plain" aria-current=${i === now ? 'step' : 'false'} @click=${() => seek(beat)}>${beat.text}</button>
        </li>`,
      )}
    </ol>`;
}
