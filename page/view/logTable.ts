/** The ends of all logs, one below the other: what each node has, and how far it is committed and applied. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { ClusterFrame, NodeFrame, PeerFrame } from '../../runtime/observation/clusterFrame.ts';
import { termClass } from './colors.ts';

export interface LogOptions {
  readonly frame: ClusterFrame;
  readonly selected: string | undefined;
  /** How many entries there is room for. */
  readonly columns: number;
  readonly select: (node: string) => void;
}

export function logTemplate({ frame, selected, columns, select }: LogOptions): TemplateResult {
  const { nodes } = frame;
  const last = Math.max(columns, ...nodes.map(({ log }) => log.lastIndex));
  const indexes = Array.from({ length: columns }, (_, i) => last - columns + 1 + i);
  const peers = new Map(leaderOf(nodes)?.peers.map((peer) => [peer.peer, peer]));
  return html`<table class="logs">
    <thead>
      <tr>
        <th scope="col"><span class="visually-hidden">Node</span></th>
        ${indexes.map((index) => html`<th scope="col">${index}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${repeat(
        nodes,
        ({ id }) => id,
        (node) => html`<tr class=${`${node.state}${node.id === selected ? ' selected' : ''}`}>
          <th scope="row">
            <button type="button" class="plain" @click=${() => select(node.id)}>${node.id}</button>
          </th>
          ${indexes.map((index) => cellTemplate(node, index, peers.get(node.id)))}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

function cellTemplate({ log }: NodeFrame, index: number, peer: PeerFrame | undefined): TemplateResult {
  const marks = peer ? markTemplates(peer, index) : nothing;
  if (index <= log.snapshotIndex) {
    const edge = index === log.snapshotIndex ? ' edge' : '';
    return html`<td class=${`snapshot${edge}`} title="In the snapshot, which reaches up to ${log.snapshotIndex}">${edge ? html`<span class="text">snapshot</span>` : nothing}${marks}</td>`;
  }
  const entry = log.tail.find((one) => one.index === index);
  if (!entry) return html`<td class="none">${marks}</td>`;
  const state =
    index <= log.appliedIndex
      ? 'applied'
      : index <= log.commitIndex
        ? 'committed'
        : index <= log.durableIndex
          ? 'durable'
          : 'fresh';
  const title = `Index ${index}, term ${entry.term}: ${entry.text} (${stateNames[state]})`;
  return html`<td class=${`entry ${state} ${termClass(entry.term)} ${entry.kind}`} title=${title}>
    <span class="number">${entry.term}</span><span class="text">${entry.text}</span>${marks}
  </td>`;
}

const stateNames = {
  applied: 'committed and applied',
  committed: 'committed',
  durable: 'on its disk, not known as committed',
  fresh: 'not on its disk yet',
};

/** What the leader believes of this follower. */
function markTemplates({ matchIndex, nextIndex }: PeerFrame, index: number): TemplateResult {
  return html`${index === matchIndex ? html`<span class="mark match" title="matchIndex: the leader knows that the logs agree up to here">●</span>` : nothing}${
    index === nextIndex
      ? html`<span class="mark next" title="nextIndex: what the leader sends next">▸</span>`
      : nothing
  }`;
}

function leaderOf(nodes: readonly NodeFrame[]): NodeFrame | undefined {
  return nodes
    .filter(({ role, state }) => role === 'leader' && state === 'up')
    .sort((a, b) => b.term - a.term)[0];
}

export const logLegend = html`<ul class="legend">
  <li><span class="swatch fresh"></span>not on disk yet</li>
  <li><span class="swatch durable"></span>on disk</li>
  <li><span class="swatch committed"></span>committed</li>
  <li><span class="swatch applied"></span>applied</li>
  <li><span class="mark match" aria-hidden="true">●</span>matchIndex</li>
  <li><span class="mark next" aria-hidden="true">▸</span>nextIndex</li>
</ul>`;
