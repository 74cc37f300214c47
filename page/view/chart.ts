/** The chart of an actor, laid out when the page was built: its active states are lit, and its last transition stands out. */

import charts from 'virtual:charts';
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit-html';
import type { PlacedArrow, PlacedState } from '../../runtime/chartExport/chartLayout.ts';
import { pathOf } from '../../runtime/chartExport/svgText.ts';
import { placeLines, type TextLine } from '../../runtime/chartExport/textBlock.ts';
import type { ActorFrame, TransitionFrame } from '../../runtime/observation/clusterFrame.ts';

const margin = 12;

export function chartTemplate({ chart: name, active, last }: ActorFrame): TemplateResult {
  const chart = charts[name];
  if (!chart) return html`<p class="quiet">There is no picture of ${name}.</p>`;
  const isActive = (id: string) => active.some((one) => one === id || one.startsWith(`${id}.`));
  const view = chart.views.find(({ open }) => open === null || isActive(open)) ?? chart.views[0];
  if (!view) return html``;
  const { width, height, states, arrows } = view.layout;
  const drawn = new Set(states.map(({ id }) => id));
  const lit = states.filter(({ id }) => isActive(id)).map(({ id }) => id.split('.').at(-1));
  return html`<div class="chart-frame">
    <svg class="chart" style=${`max-height:${Math.ceil(height * 1.15)}px`} viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" role="img"
      aria-label=${`The chart ${name}. Active: ${lit.slice(1).join(', ') || name}.`}>
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z"></path></marker>
        <marker id="head-last" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="12" markerHeight="12" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 8 4 0 8z"></path></marker>
      </defs>
      ${states.map((state) => stateTemplate(state, isActive(state.id)))}
      ${arrows.map((arrow) => arrowTemplate(arrow, wasTaken(arrow, last, drawn)))}
    </svg>
  </div>`;
}

/** What the active states are for, and what they do. */
export function notesTemplate({ chart: name, active, last }: ActorFrame): TemplateResult {
  const notes = charts[name]?.notes ?? [];
  const isActive = (id: string) => active.some((one) => one === id || one.startsWith(`${id}.`));
  return html`<p class="last-transition">${last ? html`Last transition: ${transitionText(last)}` : 'No transition yet.'}</p>
    <dl class="notes">
      ${notes
        .filter(({ id }) => isActive(id))
        .map(
          ({ name: state, description, rules }) => html`<dt>${state}</dt>
            <dd>
              ${description}
              ${rules.length > 0 ? html`<details><summary>${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}<span class="visually-hidden"> of ${state}</span></summary><ul>${rules.map((rule) => html`<li><code>${rule}</code></li>`)}</ul></details>` : nothing}
            </dd>`,
        )}
    </dl>`;
}

function transitionText({ event, steps }: TransitionFrame): TemplateResult {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(event) ?? [];
  const way = steps.map(({ from, to }) => `${lastWord(from)} → ${lastWord(to)}`).join(', ');
  return html`<code>${delay ? `after ${delay}` : event}</code> ${way}`;
}

function lastWord(id: string): string {
  return id.split('.').at(-1) ?? id;
}

/** A transition of a state that is not drawn is drawn at the innermost one around it that is. */
function wasTaken(
  { from, to }: PlacedArrow,
  last: TransitionFrame | null,
  drawn: ReadonlySet<string>,
): boolean {
  const shown = (id: string): string =>
    drawn.has(id) || !id.includes('.') ? id : shown(id.replace(/\.[^.]+$/, ''));
  return last?.steps.some((step) => shown(step.from) === from && shown(step.to) === to) ?? false;
}

function stateTemplate(state: PlacedState, isActive: boolean): SVGTemplateResult {
  if (state.type === 'initial') {
    const half = state.width / 2;
    return svg`<circle class="initial" cx=${state.x + half} cy=${state.y + half} r=${half}></circle>`;
  }
  const classes = `state depth-${state.depth % 2}${state.isRegion ? ' region' : ''}${isActive ? ' active' : ''}`;
  return svg`<g class=${classes}>
    <rect x=${state.x} y=${state.y} width=${state.width} height=${state.height} rx="8"></rect>
    ${textTemplates(state.lines, state.x + margin, state.y + margin)}
  </g>`;
}

function arrowTemplate({ points }: PlacedArrow, isLast: boolean): SVGTemplateResult {
  return svg`<path class=${isLast ? 'arrow last' : 'arrow'} d=${pathOf(points)} marker-end=${isLast ? 'url(#head-last)' : 'url(#head)'}></path>`;
}

function textTemplates(lines: readonly TextLine[], x: number, y: number): SVGTemplateResult[] {
  return placeLines(lines).map(
    ({ text, style, start, baseline }) =>
      svg`<text class=${style} x=${x + start} y=${y + baseline}>${text}</text>`,
  );
}
