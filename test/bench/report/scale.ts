/** From figures to places on a plot. */

export interface Scale {
  /** 0 at the lower end, 1 at the upper one. */
  at(figure: number): number;
  readonly ticks: readonly number[];
}

const stepsOfTen = [1, 2, 5, 10];
const linearTicksMax = 6;
/** More powers of ten than these leave some out. */
const powersMax = 8;

/** From 0, unless a figure is below, to a round number at or above the largest. */
export function linearScale(figures: readonly number[]): Scale {
  const low = Math.min(0, ...figures);
  const highest = Math.max(0, ...figures);
  const high = highest > low ? highest : low + 1;
  const step = roundStep((high - low) / linearTicksMax);
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
  return { at: (figure) => (figure / step - first) / (last - first), ticks };
}

function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = stepsOfTen.find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10;
  return step * power;
}

/**
 * Between the powers of ten around the figures.
 * @throws RangeError for a figure that is not above 0
 */
export function logScale(figures: readonly number[]): Scale {
  const bad = figures.find((figure) => !(figure > 0));
  if (bad !== undefined) throw new RangeError(`${bad} has no place on a logarithmic scale.`);
  const first = Math.floor(Math.log10(Math.min(...figures)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...figures)) - 1e-9));
  const each = Math.ceil((last - first) / powersMax);
  const ticks: number[] = [];
  for (let power = first; power <= last; power += each) ticks.push(10 ** power);
  return { at: (figure) => (Math.log10(figure) - first) / (last - first), ticks };
}
