/** One load at growing sizes: how throughput, latency and CPU follow. */
import type { Bench, Load } from '../bench.ts';
import type { CaseReport } from '../benchCase.ts';
import type { Measurement } from '../measure/measurement.ts';
import { type Ratio, type Rounds, ratioOf } from '../measure/ratio.ts';
import type { LinePlot, Point } from '../report/plot.ts';
import { type LoadRounds, roundsTable } from '../report/roundsTable.ts';
import type { System } from '../systems/system.ts';
import { figures } from './sideBySide.ts';

/** A curve needs fewer and shorter rounds than a figure that is compared with a target. */
const roundsMax = 3;
const secondsMax = 2;

export interface Step {
  /** The size. */
  readonly x: number;
  readonly load: LoadRounds;
}

export function sweepRounds({ rounds }: { readonly rounds: number }): number {
  return Math.min(roundsMax, rounds);
}

/** Powers of ten, as far as the options let a log or a set of keys grow. */
export function sizesUpTo(first: number, last: number, { entries }: { readonly entries: number }): number[] {
  const sizes = [];
  for (let size = first; size <= Math.min(entries, last); size *= 10) sizes.push(size);
  return sizes;
}

/** CPU an operation of the first system at the last size against the first size. */
export function costRatio(steps: readonly Step[], first: number, last: number): Ratio {
  const reached = steps.at(-1)?.x ?? 0;
  if (reached !== last)
    return { refused: `the run came to ${reached} of ${last}: give --entries or --minutes` };
  const rounds = (size: number): Rounds =>
    steps.find(({ x }) => x === size)?.load.systems[0] ?? { system: `${size}`, rounds: [] };
  return ratioOf(rounds(last), rounds(first), figures.cpu);
}

/** One size after the other, the systems in turn at each. */
export async function sweep(
  bench: Bench,
  systems: readonly System[],
  sizes: readonly number[],
  loadOf: (size: number) => Load,
  nameOf: (size: number) => string,
): Promise<Step[]> {
  const steps: Step[] = [];
  const seconds = Math.min(secondsMax, bench.options.seconds);
  for (const x of sizes) {
    const rounds = await bench.rounds(systems, { seconds, ...loadOf(x) }, sweepRounds(bench.options));
    steps.push({ x, load: { load: nameOf(x), systems: rounds } });
  }
  return steps;
}

export interface PlotText {
  readonly file: string;
  readonly title: string;
  readonly xLabel: string;
}

/** A figure of each system at each size, in multiples of the first system's at the first size at which it has one. */
export function sweepPlot(
  text: PlotText,
  steps: readonly Step[],
  figure: (round: Measurement) => number,
  what: string,
): LinePlot {
  const base = steps[0]?.load.systems.find(({ rounds }) => rounds.every(({ fault }) => fault === undefined));
  const names = steps[0]?.load.systems.map(({ system }) => system) ?? [];
  const series = names.map((name) => ({
    name,
    points: steps.flatMap(({ x, load }) => pointOf(x, load, name, base, figure)),
  }));
  const yLabel = base ? `${what}, multiples of ${base.system}'s at ${steps[0]?.x}` : what;
  return { kind: 'lines', ...text, yLabel, x: 'log', y: 'log', series };
}

function pointOf(
  x: number,
  { systems }: LoadRounds,
  name: string,
  base: Rounds | undefined,
  figure: (round: Measurement) => number,
): Point[] {
  const own = systems.find(({ system }) => system === name);
  if (!own || !base) return [];
  const ratio = ratioOf(own, base, figure);
  // A figure of nothing has no place on a logarithmic scale.
  if (ratio.refused !== undefined || !(ratio.least > 0)) return [];
  return [{ x, y: ratio.median, least: ratio.least, most: ratio.most }];
}

/** Throughput, p99 and CPU of one sweep. */
export function sweepReport(text: PlotText, tableTitle: string, steps: readonly Step[]): CaseReport {
  const plotOf = (suffix: string, what: string, figure: (round: Measurement) => number): LinePlot =>
    sweepPlot(
      { ...text, file: `${text.file}-${suffix}`, title: `${text.title}: ${what}` },
      steps,
      figure,
      what,
    );
  const loads = steps.map(({ load }) => load);
  return {
    claims: [],
    tables: [roundsTable(tableTitle, loads, loads[0]?.systems[0])],
    plots: [
      plotOf('throughput', 'throughput', figures.throughput),
      plotOf('p99', 'p99', figures.p99),
      plotOf('cpu', 'server CPU an operation', figures.cpu),
    ],
    data: steps,
  };
}
