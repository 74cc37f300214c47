/** Full load for long: no election, and memory that does not grow. */
import type { BenchCase } from '../benchCase.ts';
import type { Measurement } from '../measure/measurement.ts';
import { residentBytes } from '../measure/processTimes.ts';
import { spreadOf } from '../measure/statistics.ts';
import { milliseconds, short } from '../report/figures.ts';
import type { LinePlot } from '../report/plot.ts';
import { RaftCluster } from '../systems/raftCluster.ts';

/** The time is cut into so many parts. */
const parts = 20;
const load = { command: 'set', clients: 256, at: 'all', valueBytes: 100, keys: 100_000 } as const;

interface Part {
  readonly minutes: number;
  readonly resident: readonly number[];
  readonly round: Measurement;
}

function plotOf(samples: readonly Part[], nodes: number): LinePlot {
  const series = Array.from({ length: nodes }, (_, node) => ({
    name: `n${node + 1}`,
    points: samples.map(({ minutes, resident }) => ({ x: minutes, y: (resident[node] ?? 0) / 1024 ** 2 })),
  }));
  return {
    ...{ kind: 'lines', file: 'memory', title: 'Memory under full load', xLabel: 'minutes' },
    ...{ yLabel: 'resident MiB', x: 'linear', y: 'linear', series },
  };
}

export const growthMemory: BenchCase = {
  name: 'growth-memory',
  title: 'full load for --minutes: elections, and memory',
  steps: () => parts,
  run: async (bench) =>
    bench.using([await RaftCluster.prepare()], async ([cluster]) => {
      if (!cluster) throw new RangeError('There is no cluster.');
      await bench.fill(cluster, load.keys, load.valueBytes);
      const { term } = await cluster.leadership();
      const begun = performance.now();
      const seconds = bench.longMs / 1000 / parts;
      const samples: Part[] = [];
      for (let part = 0; part < parts; part += 1) {
        const round = await bench.measure(cluster, { ...load, seconds });
        const minutes = (performance.now() - begun) / 60_000;
        samples.push({ minutes, resident: cluster.pids().map(residentBytes), round });
      }
      const elections = (await cluster.leadership()).term - term;
      // The first half grows to what the load needs.
      const middle = samples[parts / 2 - 1]?.resident ?? [];
      const growth = (samples.at(-1)?.resident ?? []).map(
        (bytes, node) => bytes / (middle[node] ?? Number.NaN),
      );
      const rows = samples.map(({ minutes, resident, round }) => [
        short(minutes),
        resident.map((bytes) => short(bytes / 1024 ** 2)).join(', '),
        round.fault ?? short(round.perSecond / (samples[0]?.round.perSecond || Number.NaN)),
        milliseconds(round.p99Ms),
        milliseconds(round.maxMs),
      ]);
      const columns = [
        'minutes',
        'resident MiB of each node',
        'throughput, relative',
        'p99 ms',
        'longest ms',
      ];
      const title = `SET, ${load.clients} clients on all nodes, for ${short(bench.longMs / 60_000)} minutes`;
      return {
        claims: [
          {
            what: `elections in ${short(bench.longMs / 60_000)} minutes of full load`,
            figure: { median: elections, least: elections, most: elections },
            target: { atMost: 0 },
          },
          {
            what: 'memory at the end against half of that time',
            ...{ figure: spreadOf(growth), target: { atMost: 1.1 } },
          },
        ],
        tables: [{ title, columns, rows }],
        plots: [plotOf(samples, cluster.targets.length)],
        data: samples,
      };
    }),
};
