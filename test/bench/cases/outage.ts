/** One kill -9 of a leader under load, as clients of the other nodes see it. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../eventually.ts';
import type { Bench } from '../bench.ts';
import type { LoadProcess } from '../load/loadProcess.ts';
import type { System } from '../systems/system.ts';

/** Of one system. */
export interface Outages {
  readonly system: string;
  /** Of each kill, the longest time without an answered write. */
  readonly ms: number[];
  readonly failures: string[];
}

const wholeMsMax = 60_000;
/** Of load before the kill. */
const beforeMs = 1000;
/** No system that is worth it takes less from a kill to the next write, so that the silence has begun by then. */
const leastOutageMs = 1000;
/** Writes flow again when the last answer is no older. */
const flowMs = 100;
/** They must go on for so long. */
const afterMs = 500;
const outageMsMax = 30_000;
const pauseMs = 25;

/** Writes begin every 10 ms at each of the other nodes, and are never given up, so that waiting ones do not hide a new leader. */
const probe = { everyMs: 10, underWayMax: 400, valueBytes: 64 };
const load = { command: 'set', clients: 50, depth: 1, keys: 1000, order: 'random', valueBytes: 64 } as const;

/**
 * The longest time in ms in which no write was answered. The node is back when it settles.
 * @throws Error if writes do not go on, or the system does not become whole again
 */
export async function outageMs(bench: Bench, system: System): Promise<number> {
  const { place } = await eventually(
    `${system.title} is whole`,
    () => system.leadership().catch(() => undefined),
    wholeMsMax,
  );
  const { protocol, targets } = system;
  const watcher = bench.loadProcess();
  await watcher.probe({ protocol, targets: targets.filter((_, node) => node !== place), ...probe });
  try {
    const job = { protocol, ...load, targets: targets.filter((_, node) => node === place) };
    const ended = bench
      .loadProcess(1)
      .load({ ...job, ...{ warmUpMs: 0, measureMs: outageMsMax, servers: [], bystanders: [] } })
      // Its connections end with the leader: that is what is done here.
      .catch(() => {});
    await delay(beforeMs);
    watcher.watchSilence();
    await system.kill(place);
    const outage = await watchedOutage(bench, watcher, system);
    await ended;
    await system.restart(place);
    return outage;
  } finally {
    await watcher.endProbe();
  }
}

async function watchedOutage(bench: Bench, watcher: LoadProcess, { title }: System): Promise<number> {
  const begun = performance.now();
  await delay(leastOutageMs);
  for (;;) {
    bench.checkInterruption();
    const { currentMs } = await watcher.silence();
    if (currentMs < flowMs) break;
    if (performance.now() - begun > outageMsMax)
      throw new Error(`${title} answered no write for ${outageMsMax} ms after its leader was killed`);
    await delay(pauseMs);
  }
  await delay(afterMs);
  return (await watcher.silence()).longestMs;
}
