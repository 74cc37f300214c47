/** A table of rounds: a row for each load and system, each figure the median of the rounds. */
import type { Table } from '../benchCase.ts';
import type { Measurement } from '../measure/measurement.ts';
import type { Rounds } from '../measure/ratio.ts';
import { medianOf } from '../measure/statistics.ts';
import { milliseconds, short } from './figures.ts';

/** Rounds of several systems under one load. */
export interface LoadRounds {
  readonly load: string;
  readonly systems: readonly Rounds[];
}

const columns = [
  ...['load', 'system', 'relative', 'a second', 'p50 ms', 'p99 ms', 'p99.9 ms'],
  ...['CPU µs', 'leader µs', 'generator µs'],
];

/**
 * @param title what the figures are of
 * @param base what `relative` is in multiples of, in throughput; the first system of each load unless given
 */
export function roundsTable(title: string, loads: readonly LoadRounds[], base?: Rounds): Table {
  const rows = loads.flatMap(({ load, systems }) =>
    systems.map((rounds) => [load, rounds.system, ...cells(rounds, base ?? systems[0])]),
  );
  return { title, columns, rows };
}

function cells({ rounds }: Rounds, first: Rounds | undefined): string[] {
  const fault = rounds.find((round) => round.fault !== undefined)?.fault;
  if (fault !== undefined || rounds.length === 0)
    return [fault ?? 'not there', ...columns.slice(3).map(() => '')];
  const median = (figure: (round: Measurement) => number): number => medianOf(rounds.map(figure));
  const perSecond = ({ perSecond: figure }: Measurement): number => figure;
  const isWhole = first?.rounds.every((round) => round.fault === undefined);
  const base = isWhole && first ? medianOf(first.rounds.map(perSecond)) : 0;
  return [
    base > 0 ? short(median(perSecond) / base) : '',
    short(median(perSecond)),
    ...[milliseconds(median((round) => round.p50Ms)), milliseconds(median((round) => round.p99Ms))],
    ...[milliseconds(median((round) => round.p999Ms)), short(median((round) => round.cpuMicros))],
    ...[short(median((round) => round.leaderCpuMicros)), short(median((round) => round.loadCpuMicros))],
  ];
}
