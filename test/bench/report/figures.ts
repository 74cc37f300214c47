/** How figures are written. */
import type { Claim } from '../benchCase.ts';
import type { Ratio } from '../measure/ratio.ts';

/** Three digits that count, with k and M. */
export function short(figure: number): string {
  if (figure >= 999_500) return `${digits(figure / 1e6)}M`;
  if (figure >= 9995) return `${digits(figure / 1000)}k`;
  return digits(figure);
}

function digits(figure: number): string {
  const size = Math.abs(figure);
  if (size >= 100) return figure.toFixed(0);
  if (size >= 10) return figure.toFixed(1);
  return figure.toFixed(2);
}

/** Milliseconds, to the hundredth of one. */
export function milliseconds(ms: number): string {
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
}

export function figureText(figure: Ratio, unit = ''): string {
  if (figure.refused !== undefined) return `none: ${figure.refused}`;
  const { median, least, most } = figure;
  const suffix = unit === '' ? '' : ` ${unit}`;
  const spread = least === most ? '' : ` (${short(least)} to ${short(most)})`;
  return `${short(median)}${suffix}${spread}`;
}

export type Outcome = 'met' | 'missed' | 'not measured';

export function outcomeOf({ figure, target }: Claim): Outcome {
  if (figure.refused !== undefined) return 'not measured';
  const isMet = 'atLeast' in target ? figure.median >= target.atLeast : figure.median <= target.atMost;
  return isMet ? 'met' : 'missed';
}

export function targetText({ target, unit, goal }: Claim): string {
  const suffix = unit === undefined ? '' : ` ${unit}`;
  const bound = 'atLeast' in target ? `≥ ${short(target.atLeast)}` : `≤ ${short(target.atMost)}`;
  return `${bound}${suffix}${goal === undefined ? '' : `, goal ${goal}`}`;
}
