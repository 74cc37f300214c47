/** Play, pause, step, pace and the time line. */
import { html, svg, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { FrameHistory } from '../source/frameHistory.ts';
import { paces } from '../viewMachine.ts';
import { stripTemplate, timeText } from './timeline.ts';

export interface TransportOptions {
  readonly history: FrameHistory;
  readonly time: number;
  readonly isPlaying: boolean;
  /** Else the pace is that of the clock on the wall. */
  readonly isVirtual: boolean;
  readonly pace: number;
  readonly toggle: () => void;
  readonly step: (by: 1 | -1) => void;
  readonly seek: (time: number) => void;
  readonly choosePace: (pace: number) => void;
}

const icon = (d: string) => svg`<svg viewBox="0 0 20 20" aria-hidden="true"><path d=${d}></path></svg>`;
const playIcon = icon('M5 3v14l12-7z');
const pauseIcon = icon('M4 3h4v14H4zM12 3h4v14h-4z');
const backIcon = icon('M4 3h3v14H4zM16 3v14L8 10z');
const onIcon = icon('M13 3h3v14h-3zM4 3v14l8-7z');

export function transportTemplate(options: TransportOptions): TemplateResult {
  const { history, time, isPlaying, isVirtual, pace, toggle, step, seek, choosePace } = options;
  const { begin, end } = history;
  return html`
    <div class="strip">
      <svg viewBox="0 0 1000 18" preserveAspectRatio="none" aria-hidden="true">${stripTemplate(history.events, begin, end)}</svg>
      <input type="range" class="scrub" aria-label="Time" aria-valuetext=${timeText(time, isVirtual)} min=${begin} max=${end} step="any" .value=${live(String(time))}
        @input=${(event: InputEvent) => seek((event.target as HTMLInputElement).valueAsNumber)} />
    </div>
    <div class="buttons">
      <button type="button" class="round" aria-label="One event back" @click=${() => step(-1)}>${backIcon}</button>
      <button type="button" class="round primary" aria-label=${isPlaying ? 'Pause' : 'Play'} @click=${toggle}>${isPlaying ? pauseIcon : playIcon}</button>
      <button type="button" class="round" aria-label="Step one event" @click=${() => step(1)}>${onIcon}</button>
      <output class="clock">${timeText(time, isVirtual)}</output>
      ${isVirtual ? paceTemplate(pace, choosePace) : html`<span class="pace">live</span>`}
    </div>
  `;
}

function paceTemplate(pace: number, choosePace: (pace: number) => void): TemplateResult {
  return html`<label class="pace">
    <span>Speed</span>
    <input type="range" aria-label="Speed" min="0" max=${paces.length - 1} step="1" .value=${live(String(pace))} aria-valuetext=${paceText(pace)}
      @input=${(event: InputEvent) => choosePace((event.target as HTMLInputElement).valueAsNumber)} />
    <output>${paceText(pace)}</output>
  </label>`;
}

function paceText(pace: number): string {
  return `${paces[pace] ?? 0} ms/s`;
}
