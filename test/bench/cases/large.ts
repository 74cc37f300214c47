/** Values of 1 MiB, against three processes that write them to the same disk and do nothing else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunningCommand } from '../../runningCommand.ts';
import type { Bench } from '../bench.ts';
import type { BenchCase } from '../benchCase.ts';
import { faulty, type Measurement } from '../measure/measurement.ts';
import { ratioOf } from '../measure/ratio.ts';
import { medianOf } from '../measure/statistics.ts';
import { milliseconds, short } from '../report/figures.ts';
import { figures } from './sideBySide.ts';

const writer = path.join(import.meta.dirname, '../load/diskWriter.ts');
const writers = 3;
const deadlineMs = 120_000;
const load = { command: 'set', clients: 8, valueBytes: 1024 * 1024, keys: 64 } as const;

/** Blocks a second of one of them, on average. */
async function diskRound(bench: Bench): Promise<Measurement> {
  bench.checkInterruption();
  const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-bench-'));
  try {
    const { seconds } = bench.options;
    const node = [process.execPath, '--import', import.meta.resolve('tsx'), writer];
    const running = Array.from({ length: writers }, (_, place) => {
      const file = path.join(folder, String(place));
      return new RunningCommand([...node, file, String(seconds)], undefined, seconds * 1000 + deadlineMs);
    });
    const ended = await Promise.all(running.map((process) => process.end()));
    const rates = ended.map(({ stdout }) => Number.parseFloat(stdout));
    if (rates.some((rate) => !(rate > 0))) return faulty(`a writer failed: ${ended[0]?.stderr}`);
    const perSecond = rates.reduce((sum, rate) => sum + rate, 0) / writers;
    return { ...faulty(''), perSecond, seconds, fault: undefined };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const large: BenchCase = {
  name: 'large',
  title: 'SET of 1 MiB by 8 clients, against three processes writing to the disk',
  steps: ({ rounds }) => rounds,
  run: (bench) =>
    bench.withSystems(['xstate-raft'], async ([system]) => {
      if (!system) throw new RangeError('This system is always there.');
      const ours = { system: 'xstate-raft', rounds: [] as Measurement[] };
      const disk = { system: 'the disk', rounds: [] as Measurement[] };
      for (let round = 0; round < bench.options.rounds; round += 1) {
        ours.rounds.push(await bench.measure(system, load));
        disk.rounds.push(await diskRound(bench));
      }
      const figure = ratioOf(ours, disk, figures.throughput);
      const rows = [ours, disk].map(({ system: name, rounds }) => [
        name,
        short(medianOf(rounds.map(figures.throughput))),
        name === 'the disk' ? '' : milliseconds(medianOf(rounds.map(figures.p50))),
        name === 'the disk' ? '' : milliseconds(medianOf(rounds.map(figures.p99))),
        name === 'the disk' ? '' : short(medianOf(rounds.map(figures.cpu))),
      ]);
      const columns = ['', 'MiB a second, each node or process', 'p50 ms', 'p99 ms', 'CPU µs'];
      return {
        claims: [
          {
            what: 'SET of 1 MiB, 8 clients: throughput against three processes writing in sequence',
            figure,
            target: { atLeast: 0.5 },
          },
        ],
        tables: [{ title: 'Values of 1 MiB', columns, rows }],
        plots: [],
        data: [ours, disk],
      };
    }),
};
