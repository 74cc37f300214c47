/** What an operation costs, and how much memory a node takes, with more and more keys. */
import type { BenchCase } from '../benchCase.ts';
import { keyDigits } from '../load/channel.ts';
import { residentBytes } from '../measure/processTimes.ts';
import { spreadOf } from '../measure/statistics.ts';
import { short } from '../report/figures.ts';
import { RaftCluster } from '../systems/raftCluster.ts';
import { costRatio, type Step, sizesUpTo, sweep, sweepReport, sweepRounds } from './sweep.ts';

const first = 1000;
const last = 1_000_000;
const valueBytes = 100;
const clients = 50;

export const growthKeys: BenchCase = {
  name: 'growth-keys',
  title: 'what a SET costs with 10^3 to 10^6 keys, and the memory of a node (as far as --entries lets it)',
  steps: (options) => sizesUpTo(first, last, options).length * sweepRounds(options),
  run: async (bench) =>
    bench.using([await RaftCluster.prepare()], async ([cluster]) => {
      if (!cluster) throw new RangeError('There is no cluster.');
      const steps: Step[] = [];
      const memory: { readonly keys: number; readonly nodes: readonly number[] }[] = [];
      for (const keys of sizesUpTo(first, last, bench.options)) {
        await bench.fill(cluster, keys, valueBytes);
        const load = { command: 'set', clients, keys, valueBytes } as const;
        const [step] = await sweep(
          bench,
          [cluster],
          [keys],
          () => load,
          () => `${keys} keys`,
        );
        if (step) steps.push(step);
        memory.push({ keys, nodes: cluster.pids().map(residentBytes) });
      }
      const dataBytes = (keys: number): number => keys * (keyDigits + valueBytes);
      const atLast = memory.find(({ keys }) => keys === last);
      const missing = { refused: `the run had fewer than ${last} keys: give --entries` };
      const text = { file: 'keys', title: 'SET among more keys', xLabel: 'keys' };
      const report = sweepReport(
        text,
        `SET, ${clients} clients on the leader, ${valueBytes}-byte values`,
        steps,
      );
      const memoryRows = memory.map(({ keys, nodes }) => [
        `${keys}`,
        short(dataBytes(keys) / 1024 ** 2),
        nodes.map((bytes) => short(bytes / 1024 ** 2)).join(', '),
        short(Math.max(...nodes) / dataBytes(keys)),
      ]);
      const columns = ['keys', 'keys and values MiB', 'resident MiB of each node', 'largest in multiples'];
      return {
        ...report,
        tables: [...report.tables, { title: 'Memory', columns, rows: memoryRows }],
        claims: [
          {
            what: 'SET, 50 clients: server CPU an operation with 10^6 keys against 10^3',
            ...{ figure: costRatio(steps, first, last), target: { atMost: 1.3 } },
          },
          {
            what: 'memory of a node with 10^6 keys of 100 bytes, in multiples of keys and values',
            figure: atLast ? spreadOf(atLast.nodes.map((bytes) => bytes / dataBytes(last))) : missing,
            target: { atMost: 4 },
          },
        ],
        data: { steps, memory },
      };
    }),
};
