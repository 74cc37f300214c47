/** A story as it is told: its captions and sentences, with the one that is being shown. */
import { html, type TemplateResult } from 'lit-html';
import type { Beat, Place, Story } from '../source/clusterSource.ts';

export interface StoryOptions {
  readonly story: Story;
  readonly place: Place;
  readonly seek: (beat: Beat) => void;
}

/** The last beat that has begun, by its place; -1: none. */
export function beatAt({ beats }: Story, { index, time }: Place): number {
  return beats.findLastIndex((beat) => beat.time <= time && beat.index <= index);
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
