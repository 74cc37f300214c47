/** One node at a close look: what it remembers, what it does for its peers, the charts of its actors, and what can be done to it. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ClusterAction, ClusterActionType } from '../../runtime/observation/clusterAction.ts';
import type { ClusterFrame, NodeFrame } from '../../runtime/observation/clusterFrame.ts';
import { chartTemplate, notesTemplate } from './chart.ts';
import { termClass } from './colors.ts';
import { roleText } from './ring.ts';

export interface InspectorOptions {
  readonly frame: ClusterFrame;
  readonly node: NodeFrame;
  /** The systemId of the actor whose chart is shown. */
  readonly actor: string;
  readonly actions: ReadonlySet<ClusterActionType>;
  readonly act: (action: ClusterAction) => void;
  readonly selectActor: (actor: string) => void;
}

export function inspectorTemplate(options: InspectorOptions): TemplateResult {
  const { frame, node, actor, selectActor } = options;
  const shown = node.actors.find(({ id }) => id === actor) ?? node.actors.find(({ id }) => id === 'raft');
  return html`
    <header class="panel-head">
      <h2>${node.id} <span class=${`badge ${termClass(node.term)}`}>${roleText(node)}, term ${node.term}</span></h2>
    </header>
    ${actionsTemplate(options)} ${factsTemplate(node, frame.time)} ${peersTemplate(node)}
    <div class="tabs" role="group" aria-label="Actors of ${node.id}">
      ${node.actors.map(
        ({ id }) =>
          html`<button type="button" class="tab" aria-pressed=${id === shown?.id ? 'true' : 'false'} @click=${() => selectActor(id)}>${id}</button>`,
      )}
      ${node.actors.length === 0 ? html`<p class="quiet">${node.state === 'down' ? `${node.id} is down: it has no actors.` : `${node.id} tells nothing of its actors here.`}</p>` : nothing}
    </div>
    ${shown ? html`${chartTemplate(shown)} ${notesTemplate(shown)}` : nothing}
  `;
}

function actionsTemplate({ frame, node, actions, act }: InspectorOptions): TemplateResult | typeof nothing {
  if (actions.size === 0) return nothing;
  const { id, state, role } = node;
  const isDown = state === 'down' || state === 'failed';
  const button = (type: ClusterActionType, text: string, action: ClusterAction, disabled = false) =>
    actions.has(type)
      ? html`<button type="button" ?disabled=${disabled} @click=${() => act(action)}>${text}</button>`
      : nothing;
  return html`<div class="actions" role="group" aria-label=${`Do something to ${id}`}>
      ${
        isDown
          ? button('restart', `Restart ${id}`, { type: 'restart', node: id })
          : button('crash', `Kill ${id}`, { type: 'crash', node: id })
      }
      ${
        state === 'paused' && actions.has('resume')
          ? button('resume', 'Resume', { type: 'resume', node: id })
          : button('pause', 'Pause', { type: 'pause', node: id }, state !== 'up')
      }
      ${button('transfer', 'Make leader', { type: 'transfer', to: id }, isDown || role === 'leader')}
      ${button('partition', 'Cut off', { type: 'partition', groups: [[id], frame.nodes.filter((other) => other.id !== id).map((other) => other.id)] })}
      ${button('heal', 'Heal all', { type: 'heal' }, frame.cuts.length === 0)}
    </div>
    ${actions.has('cut') ? linksTemplate(frame, id, act) : nothing}`;
}

/** A switch for each link of the node. */
function linksTemplate(
  { nodes, cuts }: ClusterFrame,
  id: string,
  act: (action: ClusterAction) => void,
): TemplateResult {
  return html`<div class="links" role="group" aria-label=${`Links of ${id}`}>
    <span>Links</span>
    ${nodes
      .filter((node) => node.id !== id)
      .map(({ id: other }) => {
        const isCut = cuts.some(
          ({ from, to }) => (from === id && to === other) || (from === other && to === id),
        );
        const toggle = () => {
          const type = isCut ? 'mend' : 'cut';
          act({ type, from: id, to: other });
          act({ type, from: other, to: id });
        };
        return html`<button type="button" class="link-switch" aria-pressed=${isCut ? 'false' : 'true'}
          aria-label=${`Link between ${id} and ${other}`} @click=${toggle}>${isCut ? '✕' : '⇄'} ${other}</button>`;
      })}
  </div>`;
}

function factsTemplate(node: NodeFrame, time: number): TemplateResult {
  const { log, votedFor, leader, election, leaderHeardAt, votes } = node;
  const ms = (value: number) => `${Math.round(value)} ms`;
  const facts: readonly (readonly [string, string | number])[] = [
    ['votedFor', votedFor ?? '–'],
    ['leader', leader ?? '–'],
    ['election in', election ? ms(Math.max(0, election.deadline - time)) : '–'],
    ['leader heard', leaderHeardAt === null ? '–' : `${ms(time - leaderHeardAt)} ago`],
    ['lastIndex', log.lastIndex],
    ['commitIndex', log.commitIndex],
    ['lastApplied', log.appliedIndex],
    ['votes', votes.length > 0 ? votes.join(' ') : '–'],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function peersTemplate({ peers }: NodeFrame): TemplateResult | typeof nothing {
  if (peers.length === 0) return nothing;
  return html`<table class="peers">
    <caption class="visually-hidden">Replicators</caption>
    <thead><tr><th scope="col">peer</th><th scope="col">replicator</th><th scope="col">match</th><th scope="col">next</th><th scope="col">in flight</th></tr></thead>
    <tbody>
      ${peers.map(
        ({ peer, state, matchIndex, nextIndex, inFlight }) =>
          html`<tr><th scope="row">${peer}</th><td>${state}</td><td>${matchIndex}</td><td>${nextIndex}</td><td>${inFlight}</td></tr>`,
      )}
    </tbody>
  </table>`;
}
