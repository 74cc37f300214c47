/** How long a node takes to come back: to what is on its disk, and to what it missed. */
import { eventually } from '../../eventually.ts';
import type { Bench } from '../bench.ts';
import type { BenchCase, Claim } from '../benchCase.ts';
import type { Ratio } from '../measure/ratio.ts';
import { type Spread, spreadOf } from '../measure/statistics.ts';
import { figureText } from '../report/figures.ts';
import type { LinePlot } from '../report/plot.ts';
import { RaftCluster } from '../systems/raftCluster.ts';
import { sizesUpTo, sweepRounds } from './sweep.ts';

const keysLast = 1_000_000;
const behindLast = 100_000;
const first = 1000;
const valueBytes = 100;
/** A follower under load is never quite there. */
const lagMax = 1000;
const catchUpMsMax = 120_000;
const loadMsMax = 600_000;
const clients = 50;

interface Timed extends Spread {
  /** Keys on the disk, or entries that were missed. */
  readonly x: number;
}

/** Seconds from the start of a killed follower until it serves clients. */
async function restartSeconds(cluster: RaftCluster): Promise<number> {
  const place = await aFollower(cluster);
  await cluster.kill(place);
  const begun = performance.now();
  await cluster.restart(place);
  return (performance.now() - begun) / 1000;
}

/** Seconds from when a follower serves clients until it has all but the newest entries, while clients write. */
async function catchUpSeconds(bench: Bench, cluster: RaftCluster, behind: number): Promise<number> {
  const place = await aFollower(cluster);
  const { place: leader } = await cluster.leadership();
  await cluster.kill(place);
  await bench.write(cluster, behind, valueBytes, behind, leader);
  const writer = bench.loadProcess(1);
  const job = { protocol: cluster.protocol, command: 'set', clients, depth: 1, keys: behind } as const;
  const ended = writer
    .load({
      ...{ ...job, order: 'random', valueBytes, warmUpMs: 0, measureMs: loadMsMax },
      ...{ targets: cluster.targets.slice(leader, leader + 1), servers: [], bystanders: [] },
    })
    // That a write fails in this time changes nothing of what is measured.
    .catch(() => {});
  try {
    await cluster.restart(place);
    const begun = performance.now();
    await eventually('the follower has caught up', () => hasCaughtUp(cluster, leader, place), catchUpMsMax);
    return (performance.now() - begun) / 1000;
  } finally {
    writer.finish();
    await ended;
  }
}

async function hasCaughtUp(cluster: RaftCluster, leader: number, place: number): Promise<true | undefined> {
  const facts = await cluster.facts().catch(() => []);
  const lag = (facts[leader]?.commitIndex ?? Number.NaN) - (facts[place]?.lastApplied ?? 0);
  return lag <= lagMax ? true : undefined;
}

async function aFollower(cluster: RaftCluster): Promise<number> {
  const { place } = await eventually('the cluster is whole', () =>
    cluster.leadership().catch(() => undefined),
  );
  return (place + 1) % cluster.targets.length;
}

async function timed(bench: Bench, x: number, once: () => Promise<number>): Promise<Timed> {
  const seconds: number[] = [];
  for (let turn = 0; turn < sweepRounds(bench.options); turn += 1) {
    bench.checkInterruption();
    seconds.push(await once());
    bench.advance();
  }
  return { x, ...spreadOf(seconds) };
}

function claimOf(what: string, times: readonly Timed[], x: number, atMost: number): Claim {
  const figure: Ratio = times.find((each) => each.x === x) ?? {
    refused: `the run did not come to ${x}: give --entries`,
  };
  return { what, figure, target: { atMost }, unit: 's' };
}

function plotOf(file: string, title: string, xLabel: string, times: readonly Timed[]): LinePlot {
  const points = times.map(({ x, median, least, most }) => ({ x, y: median, least, most }));
  return {
    ...{ kind: 'lines', file, title, xLabel, yLabel: 's', x: 'log', y: 'linear' },
    series: [{ name: 'xstate-raft', points }],
  };
}

function tableOf(title: string, column: string, times: readonly Timed[]) {
  const rows = times.map((each) => [`${each.x}`, figureText(each, 's')]);
  return { title, columns: [column, 'time (spread)'], rows };
}

export const growthRestart: BenchCase = {
  name: 'growth-restart',
  title: 'until a killed node is back, against its data; until it has caught up, against what it missed',
  steps: (options) =>
    sweepRounds(options) *
    (sizesUpTo(first, keysLast, options).length + sizesUpTo(first, behindLast, options).length),
  run: async (bench) =>
    bench.using([await RaftCluster.prepare()], async ([cluster]) => {
      if (!cluster) throw new RangeError('There is no cluster.');
      const catchUps: Timed[] = [];
      for (const behind of sizesUpTo(first, behindLast, bench.options))
        catchUps.push(await timed(bench, behind, () => catchUpSeconds(bench, cluster, behind)));
      const restarts: Timed[] = [];
      for (const keys of sizesUpTo(first, keysLast, bench.options)) {
        await bench.fill(cluster, keys, valueBytes);
        restarts.push(await timed(bench, keys, () => restartSeconds(cluster)));
      }
      return {
        claims: [
          claimOf('restart of a node with 10^6 keys and 10^6 entries', restarts, keysLast, 5),
          claimOf('catching up with 100,000 entries, under load', catchUps, behindLast, 2),
        ],
        tables: [
          tableOf('Restart after kill -9, until clients are served', 'keys and entries', restarts),
          tableOf(`Catching up, while ${clients} clients write`, 'entries behind', catchUps),
        ],
        plots: [
          plotOf('restart', 'Restart after kill -9, until clients are served', 'keys and entries', restarts),
          plotOf('catch-up', 'Catching up under load', 'entries behind', catchUps),
        ],
        data: { restarts, catchUps },
      };
    }),
};
