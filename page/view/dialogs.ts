/** What lies over the page: the list of what there is to see, and the link that shows the same again. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { nodesMax, nodesMin } from '../source/pageLink.ts';
import { type StoryGroup, storyGroups } from '../source/stories.ts';

/** Groups that show their stories at once: those that somebody who is new to Raft may want. */
const groupsOpen = 2;

export interface StoriesOptions {
  readonly openStory: (name: string) => void;
  readonly openSandbox: (seed: number, nodes: number) => void;
  /** Null: there is no real cluster here. */
  readonly openLive: (() => void) | null;
  readonly close: () => void;
}

export function storiesTemplate(options: StoriesOptions): TemplateResult {
  const { openStory, openSandbox, openLive, close } = options;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    openSandbox(Number(form.get('seed')), Number(form.get('nodes')));
  };
  return html`<header class="panel-head"><h2>What to see</h2><button type="button" @click=${close}>Close</button></header>
    ${openLive ? html`<p><button type="button" class="primary" @click=${openLive}>The live cluster</button></p>` : nothing}
    <form class="new-run" @submit=${submit}>
      <h3>A cluster of your own</h3>
      <label>Seed <input name="seed" type="number" min="0" max="999999999" step="1" value="7" required /></label>
      <label>Nodes <input name="nodes" type="number" min=${nodesMin} max=${nodesMax} step="1" value="5" required /></label>
      <button type="submit" class="primary">Begin</button>
    </form>
    ${storyGroups.map((group, place) => groupTemplate(group, place < groupsOpen, openStory))}`;
}

function groupTemplate(
  { title, stories }: StoryGroup,
  isOpen: boolean,
  openStory: (name: string) => void,
): TemplateResult {
  return html`<details class="story-group" ?open=${isOpen}>
    <summary><h3>${title}</h3><span class="quiet">${stories.length}</span></summary>
    <ul class="stories">
      ${stories.map(
        (story) => html`<li>
          <button type="button" @click=${() => openStory(story.name)}><span>${story.title}</span>${story.figure ? html`<span class="badge">${story.figure}</span>` : ''}</button>
        </li>`,
      )}
    </ul>
  </details>`;
}

export function shareTemplate(link: string, close: () => void): TemplateResult {
  const copy = (event: Event) => {
    const field = (event.currentTarget as HTMLElement).parentElement?.querySelector('input');
    field?.select();
    void navigator.clipboard?.writeText(link).catch(() => {});
  };
  return html`<header class="panel-head"><h2>Share this moment</h2><button type="button" @click=${close}>Close</button></header>
    <p>Whoever opens this link sees the same run, with all that was done to it, at this moment: seed and schedule are in it.</p>
    <div class="share"><label>Link <input readonly value=${link} /></label><button type="button" class="primary" @click=${copy}>Copy</button></div>`;
}
