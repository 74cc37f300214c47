/** The cluster on a ring: its nodes, and the links between them. What moves with every picture is in ringMotion.ts. */
import { nothing, type SVGTemplateResult, svg } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { ClusterFrame, NodeFrame } from '../../runtime/observation/clusterFrame.ts';
import { termClass } from './colors.ts';

export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Of the picture; px before it is scaled. */
export const ringSize = 600;
const center = ringSize / 2;
const radius = 213;

/** As large as there is room for so many beside each other. */
export function nodeRadiusOf(count: number): number {
  return count <= 7 ? 60 : 46;
}

/** Where everybody stands: nodes on the ring, the first one on top; whoever else there is in the middle. */
export function spotsOf(ids: readonly string[]): (id: string) => Spot {
  return (id) => {
    const place = ids.indexOf(id);
    if (place < 0) return { x: center, y: center };
    const angle = (2 * Math.PI * place) / ids.length - Math.PI / 2;
    return { x: center + radius * Math.cos(angle), y: center + radius * Math.sin(angle) };
  };
}

const roleNames: Readonly<Record<string, string>> = {
  follower: 'follower',
  preCandidate: 'pre-candidate',
  candidate: 'candidate',
  leader: 'leader',
};

/** As it fits into a node on a small screen. */
function shortRoleText(node: NodeFrame): string {
  return roleText(node).replace('pre-candidate', 'pre-cand.');
}

export function roleText({ state, role }: NodeFrame): string {
  return state === 'up' ? (roleNames[role] ?? role) : state;
}

export interface RingOptions {
  readonly frame: ClusterFrame;
  readonly selected: string | undefined;
  readonly hasClient: boolean;
  readonly select: (node: string) => void;
}

export function ringTemplate({ frame, selected, hasClient, select }: RingOptions): SVGTemplateResult {
  const spot = spotsOf(frame.nodes.map(({ id }) => id));
  const size = nodeRadiusOf(frame.nodes.length);
  return svg`
    ${linkTemplates(frame, spot)}
    ${hasClient ? svg`<g class="client-spot"><circle cx=${center} cy=${center} r="30"></circle><text x=${center} y=${center + 4}>client</text></g>` : nothing}
    ${repeat(
      frame.nodes,
      ({ id }) => id,
      (node) => nodeTemplate(node, spot(node.id), { size, isSelected: node.id === selected, select }),
    )}`;
}

function linkTemplates({ nodes, cuts }: ClusterFrame, spot: (id: string) => Spot): SVGTemplateResult[] {
  const isCut = (from: string, to: string) => cuts.some((cut) => cut.from === from && cut.to === to);
  return nodes.flatMap(({ id: a }, i) =>
    nodes.slice(i + 1).map(({ id: b }) => {
      const [from, to] = [spot(a), spot(b)];
      const [there, back] = [isCut(a, b), isCut(b, a)];
      const cut = there || back;
      const x = (from.x + to.x) / 2;
      const y = (from.y + to.y) / 2;
      const turn = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI + (there ? 0 : 180);
      return svg`<g class=${cut ? 'link cut' : 'link'}>
        <line x1=${from.x} y1=${from.y} x2=${to.x} y2=${to.y}></line>
        ${cut ? svg`<g transform=${`translate(${x} ${y}) rotate(${turn})`}>${there && back ? cutBoth : cutOneWay}</g>` : nothing}
      </g>`;
    }),
  );
}

const cutBoth = svg`<path class="cut-mark" d="M-8-8 8 8M-8 8 8-8"></path>`;
const cutOneWay = svg`<path class="cut-mark" d="M-9-7 0 0-9 7M4-9V9"></path>`;

function nodeTemplate(
  node: NodeFrame,
  { x, y }: Spot,
  { size, isSelected, select }: { size: number; isSelected: boolean; select: (node: string) => void },
): SVGTemplateResult {
  const { id, state, role, term, log } = node;
  const classes = `node ${state} ${state === 'up' ? role : ''} ${termClass(term)}${isSelected ? ' selected' : ''}`;
  const label = `${id}: ${roleText(node)}, term ${term}, log up to ${log.lastIndex}, committed up to ${log.commitIndex}`;
  return svg`<g class=${classes} transform=${`translate(${x} ${y})`} role="button" tabindex="0"
      aria-label=${label} aria-pressed=${isSelected ? 'true' : 'false'}
      @click=${() => select(id)} @keydown=${(event: KeyboardEvent) => onEnter(event, () => select(id))}>
    <circle class="halo" r=${size + 17}></circle>
    <circle class="track" r=${size + 9}></circle>
    <circle class="countdown" data-node=${id} r=${size + 9} pathLength="1" transform="rotate(-90)"></circle>
    <circle class="body" r=${size}></circle>
    ${role === 'leader' && state === 'up' ? svg`<path class="crown" d="M-15-30-13-44-5-36 0-48 5-36 13-44 15-30z"></path>` : nothing}
    <text class="name" y="-4">${id}</text>
    <text class="role" y="17">${shortRoleText(node)}</text>
    <text class="term" y="36">term ${term}</text>
  </g>`;
}

function onEnter(event: KeyboardEvent, act: () => void): void {
  if (event.key !== 'Enter' && event.key !== ' ') return;
  event.preventDefault();
  event.stopPropagation();
  act();
}
