/** What happened, latest first, each with its cause; and the same as marks along the time. */
import { html, type SVGTemplateResult, svg, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { PlacedEvent } from '../source/frameHistory.ts';
import { eventClass, termClass } from './colors.ts';

/** Events that are listed at once. */
const listedMax = 80;

const timeOfDay = new Intl.DateTimeFormat('en-GB', {
  ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
});

/** Virtual time in seconds, a time of day as such. */
export function timeText(time: number, isVirtual = true): string {
  if (isVirtual) return `${(time / 1000).toFixed(3)} s`;
  return timeOfDay.format(time);
}

export interface EventListOptions {
  readonly events: readonly PlacedEvent[];
  /** The frame that is shown. */
  readonly index: number;
  readonly isVirtual: boolean;
  readonly seek: (index: number) => void;
}

export function eventListTemplate({ events, index, isVirtual, seek }: EventListOptions): TemplateResult {
  const passed = events.filter((placed) => placed.index <= index);
  const listed = passed.slice(-listedMax).reverse();
  return html`<ol class="events" tabindex="0" aria-label="What happened, latest first">
    ${repeat(
      listed,
      (placed) => placed,
      ({ index: at, event }) => html`<li class=${eventClass(event.type)}>
        <button type="button" class="plain" @click=${() => seek(at)} title="Look at this moment"><time>${timeText(event.time, isVirtual)}</time> ${event.text}</button>
      </li>`,
    )}
    ${listed.length === 0 ? html`<li class="quiet">Nothing yet.</li>` : ''}
  </ol>`;
}

/** Who led when, and marks for what happened, over a time from `begin` to `end`, 1000 units wide. */
export function stripTemplate(events: readonly PlacedEvent[], begin: number, end: number): SVGTemplateResult {
  const x = (time: number) => ((time - begin) / Math.max(end - begin, 1)) * 1000;
  const terms = reigns(events, end);
  const marks = events.filter(({ event }) => event.type !== 'voteGranted');
  return svg`
    ${terms.map(({ from, to, term }) => svg`<rect class=${`reign ${termClass(term)}`} x=${x(from)} y="0" width=${Math.max(0, x(to) - x(from))} height="10"></rect>`)}
    ${marks.map(({ event }) => svg`<rect class=${`tick ${eventClass(event.type)}`} x=${x(event.time) - 1} y="10" width="2.4" height="8"></rect>`)}`;
}

interface Reign {
  readonly from: number;
  readonly to: number;
  readonly term: number;
}

/** From each election to what ended it, or to the next one. */
function reigns(events: readonly PlacedEvent[], end: number): Reign[] {
  const found: Reign[] = [];
  let open: { from: number; term: number; node: string | null } | undefined;
  for (const { event } of events) {
    const ends = event.node === open?.node && ['leaderLost', 'crashed', 'failed'].includes(event.type);
    if (open && (ends || event.type === 'leaderElected')) {
      found.push({ from: open.from, to: event.time, term: open.term });
      open = undefined;
    }
    if (event.type === 'leaderElected') open = { from: event.time, term: event.term ?? 0, node: event.node };
  }
  return open ? [...found, { from: open.from, to: end, term: open.term }] : found;
}
