/** A node in a process of its own, which tells how it does when the process that started it asks. */
import { performance } from 'node:perf_hooks';
import { type KvNode, startKvNode } from '../../kv/kvNode.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { type LongestTurns, TurnClock } from './turnClock.ts';

export interface NodeSettings {
  readonly id: string;
  readonly members: Readonly<Record<string, PeerAddress>>;
  readonly data: string;
  readonly snapshotLogBytes: number;
}

export type Order =
  | { readonly type: 'start'; readonly settings: NodeSettings }
  | { readonly type: 'measure'; readonly collect: boolean }
  | { readonly type: 'stop' };

/** Since the last order of this kind; sizes in bytes, times in ms. */
export interface Measurement {
  readonly redisPort: number;
  readonly leads: boolean;
  readonly lastApplied: number;
  readonly commitIndex: number;
  readonly snapshotIndex: number;
  readonly logBytes: number;
  readonly turns: LongestTurns;
  /** Of all threads of the process. */
  readonly cpuMs: number;
  readonly startMs: number;
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
}

const clock = new TurnClock();
let node: KvNode | undefined;
let startMs = 0;
let cpu = process.cpuUsage();

async function start({ id, members, data, snapshotLogBytes }: NodeSettings): Promise<void> {
  const from = performance.now();
  node = await startKvNode({
    ...{ clusterId: 'bench', id, members, data, snapshotLogBytes },
    redis: { host: '127.0.0.1', port: 0 },
  });
  startMs = performance.now() - from;
  void node.failure.then((error) => {
    throw error;
  });
}

function measure(collect: boolean): Measurement | undefined {
  if (!node) return undefined;
  const turns = clock.take();
  const { user, system } = process.cpuUsage(cpu);
  if (collect) globalThis.gc?.();
  const { heapUsed: heap, external, rss } = process.memoryUsage();
  const { role, lastApplied, commitIndex, snapshotIndex, logBytes } = node.node.status();
  const measurement = {
    ...{ redisPort: node.redisPort, leads: role === 'leader', lastApplied, commitIndex },
    ...{ snapshotIndex, logBytes, turns, cpuMs: (user + system) / 1000, startMs, heap, external, rss },
  };
  cpu = process.cpuUsage();
  clock.take();
  return measurement;
}

process.on('message', (order: Order) => {
  if (order.type === 'start') void start(order.settings);
  else if (order.type === 'measure') process.send?.({ measurement: measure(order.collect) });
  else void node?.stop().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
