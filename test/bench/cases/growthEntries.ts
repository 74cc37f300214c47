/** What an operation costs when the log has seen more and more entries. */
import type { Bench } from '../bench.ts';
import type { BenchCase } from '../benchCase.ts';
import { RaftCluster } from '../systems/raftCluster.ts';
import { costRatio, type Step, sizesUpTo, sweep, sweepReport, sweepRounds } from './sweep.ts';

const first = 10_000;
const last = 10_000_000;
const load = { command: 'set', clients: 50, valueBytes: 16 } as const;

/** Until the log has seen so many; false if that takes longer than until the deadline. */
async function grow(bench: Bench, cluster: RaftCluster, entries: number, deadline: number): Promise<boolean> {
  // A tenth of what is missing at a time, so that the deadline is looked at.
  for (
    let missing = await missingOf(cluster, entries);
    missing > 0;
    missing = await missingOf(cluster, entries)
  ) {
    if (performance.now() > deadline) return false;
    await bench.write(cluster, Math.ceil(Math.max(missing / 10, Math.min(missing, 10_000))), load.valueBytes);
  }
  return true;
}

async function missingOf(cluster: RaftCluster, entries: number): Promise<number> {
  const { place } = await cluster.leadership();
  return entries - ((await cluster.facts())[place]?.lastLogIndex ?? 0);
}

export const growthEntries: BenchCase = {
  name: 'growth-entries',
  title: 'what a SET costs after 10^4 to 10^7 entries (as far as --entries and --minutes let it)',
  steps: (options) => sizesUpTo(first, last, options).length * sweepRounds(options),
  run: async (bench) =>
    bench.using([await RaftCluster.prepare()], async ([cluster]) => {
      if (!cluster) throw new RangeError('There is no cluster.');
      const deadline = performance.now() + bench.longMs;
      const steps: Step[] = [];
      for (const size of sizesUpTo(first, last, bench.options)) {
        if (!(await grow(bench, cluster, size, deadline))) break;
        const [step] = await sweep(
          bench,
          [cluster],
          [size],
          () => load,
          (entries) => `${entries} entries`,
        );
        if (step) steps.push(step);
      }
      const text = { file: 'entries', title: 'SET after more entries', xLabel: 'entries' };
      const claim = {
        what: 'SET, 50 clients: server CPU an operation after 10^7 entries against 10^4',
        ...{ figure: costRatio(steps, first, last), target: { atMost: 1.1 } },
      };
      return {
        ...sweepReport(text, 'SET, 50 clients on the leader, 16-byte values', steps),
        claims: [claim],
      };
    }),
};
