/** Draws the regions of the page, each only when what it shows has changed. */
import { html, nothing, render } from 'lit-html';
import type { ActionOutcome } from '../../runtime/observation/clusterAction.ts';
import type {
  ClientLoad,
  ClusterFrame,
  MessageFrame,
  NodeFrame,
} from '../../runtime/observation/clusterFrame.ts';
import { leaderOf } from '../../runtime/observation/loadMeter.ts';
import type { ClusterSource, Place } from '../source/clusterSource.ts';
import type { ViewContext } from '../viewMachine.ts';
import type { Controls } from './controls.ts';
import { element } from './element.ts';
import { inspectorTemplate } from './inspector.ts';
import { keysTemplate } from './keys.ts';
import { logLegend, logTemplate } from './logTable.ts';
import { ringTemplate } from './ring.ts';
import { RingMotion } from './ringMotion.ts';
import { beatAt, followStory, nowTemplate, storyTemplate } from './storyPanel.ts';
import { eventListTemplate } from './timeline.ts';
import { transportTemplate } from './transport.ts';

export interface Scene {
  readonly source: ClusterSource;
  readonly frame: ClusterFrame;
  readonly place: Place;
  readonly view: ViewContext;
  readonly isPlaying: boolean;
  /** Why there is not what was asked for, or nothing more; null: there is. */
  readonly problem: string | null;
  readonly client: {
    readonly outcome: ActionOutcome | null;
    readonly isWaiting: boolean;
    readonly keys: readonly string[];
    /** Where the keys go on; null: those are all. */
    readonly more: { readonly prefix: string; readonly cursor: string } | null;
  };
}

/** px: what an entry in the table of logs needs, in a story, where commands are letters, and what stands before the first. */
const entryWidth = 76;
const entryWidthInStory = 47;
const nameWidth = 52;

export class Screen {
  readonly #controls: Controls;
  readonly #motion: RingMotion;
  /** px */
  #logWidth = 0;
  /** The beat of the story that was last shown. */
  #beat = -1;
  #frame: ClusterFrame | undefined;
  #pointedAt: MessageFrame | undefined;

  constructor(controls: Controls) {
    this.#controls = controls;
    const ring = element<SVGSVGElement>('ring');
    this.#motion = new RingMotion(
      element<SVGGElement>('messages'),
      () => ring.querySelectorAll<SVGCircleElement>('.countdown'),
      (message) => {
        this.#pointedAt = message;
        controls.redraw();
      },
    );
    render(logLegend, element('legend'));
    new ResizeObserver(([entry]) => {
      this.#logWidth = entry?.contentRect.width ?? 0;
      controls.redraw();
    }).observe(element('log'));
  }

  /** What changes with every picture. */
  drawMotion({ source, frame, place, view, isPlaying }: Scene): void {
    const controls = this.#controls;
    if (frame !== this.#frame) {
      const selected = this.#selected(frame, view)?.id;
      const { hasClients: hasClient } = source;
      render(
        ringTemplate({ frame, selected, hasClient, select: controls.selectNode }),
        element<SVGGElement>('nodes'),
      );
    }
    this.#frame = frame;
    this.#motion.draw(frame, place.time);
    const { history } = source;
    render(
      transportTemplate({
        ...controls,
        history,
        time: place.time,
        isPlaying,
        isVirtual: source.isVirtual,
        pace: view.pace,
      }),
      element('transport'),
    );
  }

  /** What changes with a new frame, or with what is selected. */
  drawPanels(scene: Scene): void {
    const { source, frame, place, view, client } = scene;
    const controls = this.#controls;
    const node = this.#selected(frame, view);
    this.#frame = undefined; // the selection may have changed
    element('title').textContent = source.title;
    render(this.#belowRing(scene), element('below-ring'));
    render(
      node
        ? inspectorTemplate({
            ...controls,
            frame: { ...frame, time: place.time },
            node,
            actor: view.actor,
            actions: source.actions,
          })
        : nothing,
      element('inspector'),
    );
    const room = (this.#logWidth - nameWidth) / (source.story ? entryWidthInStory : entryWidth);
    const columns = Math.max(3, Math.floor(room));
    render(logTemplate({ frame, selected: node?.id, columns, select: controls.selectNode }), element('log'));
    const events = {
      events: source.history.events,
      index: place.index,
      isVirtual: source.isVirtual,
      seek: controls.showFrame,
    };
    render(eventListTemplate(events), element('events'));
    const { story } = source;
    element('story').hidden = story === null;
    if (story) {
      const head = html`<header class="panel-head"><h2>${story.title}</h2></header>`;
      render(html`${head}${storyTemplate({ story, place, seek: controls.showBeat })}`, element('story'));
      const beat = beatAt(story, place);
      if (beat !== this.#beat) followStory(element('story'));
      this.#beat = beat;
    }
    element('keys-panel').hidden = !source.actions.has('get');
    render(
      keysTemplate({ ...client, canPut: source.actions.has('put'), act: controls.act }),
      element('keys'),
    );
    const problem = element('problem');
    problem.hidden = scene.problem === null;
    problem.textContent = scene.problem ?? '';
  }

  announce(text: string): void {
    element('announcement').textContent = text;
  }

  #selected({ nodes }: ClusterFrame, { node }: ViewContext): NodeFrame | undefined {
    return nodes.find(({ id }) => id === node) ?? leaderOf(nodes) ?? nodes[0];
  }

  #belowRing({ frame: { messages, load }, source: { story, isVirtual }, place }: Scene) {
    const pointed = this.#pointedAt;
    return html`${story ? nowTemplate(story, place) : nothing}<p class="speech">${
      pointed
        ? html`<b>${pointed.from} → ${pointed.to}</b> ${pointed.text}`
        : html`<span class="quiet">Point at a message to read it.</span>`
    }</p>
      <dl class="figures">
        ${figure(isVirtual ? 'in flight' : 'seen in flight', String(messages.length))} ${figure('commits', `${(load?.commitsPerSecond ?? 0).toFixed(1)}/s`)}
        ${figure('commit takes', ms(load?.commitMsMedian))} ${figure('p99', ms(load?.commitMsP99))}
        ${load?.clients ? clientFigures(load.clients) : nothing}
      </dl>`;
  }
}

const figure = (name: string, value: string) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** With a decimal where it matters. */
function ms(value: number | null | undefined): string {
  return value == null ? '–' : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function clientFigures({ connected, commandsPerSecond, commandMsMean }: ClientLoad) {
  return html`${figure('clients', String(connected))} ${figure('commands', `${commandsPerSecond.toFixed(1)}/s`)}
    ${figure('command takes', ms(commandMsMean))}`;
}
