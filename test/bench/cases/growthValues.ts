/** From values of 16 bytes to those of 1 MiB. */
import type { BenchCase } from '../benchCase.ts';
import { sweep, sweepReport, sweepRounds } from './sweep.ts';

const sizes = [16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
const clients = 16;
/** All values together, so that memory is not what is measured. */
const dataBytes = 64 * 1024 * 1024;
const keysMax = 10_000;

export const growthValues: BenchCase = {
  name: 'growth-values',
  title: 'SET of 16 bytes to 1 MiB by 16 clients',
  steps: (options) => sizes.length * sweepRounds(options),
  run: (bench) =>
    bench.withSystems(['xstate-raft'], async (systems) => {
      const steps = await sweep(
        bench,
        systems,
        sizes,
        (valueBytes) => ({
          ...({ command: 'set', clients, valueBytes } as const),
          keys: Math.min(keysMax, Math.floor(dataBytes / valueBytes)),
        }),
        (valueBytes) => `${valueBytes} bytes`,
      );
      const text = { file: 'values', title: 'SET of larger values', xLabel: 'bytes of a value' };
      return sweepReport(text, `SET, ${clients} clients on the leader`, steps);
    }),
};
