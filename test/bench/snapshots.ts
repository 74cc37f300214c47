/**
 * What a million keys cost: the longest turn of a node's event loop, its memory and its time, while it is filled,
 * written to, compacted and restarted, and while a follower takes its snapshot over.
 *
 *     node --conditions=xstate-raft-source --import tsx test/bench/snapshots.ts --keys 1000000
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { integerReader } from '../../kv/commandLine/arguments.ts';
import { close, listenOn, portOf } from '../freePorts.ts';
import type { Measurement } from './measuredNode.ts';
import { NodeProcess } from './nodeProcess.ts';
import { RedisPipeline } from './redisPipeline.ts';

interface Options {
  readonly keys: number;
  readonly valueBytes: number;
  readonly logMiB: number;
  readonly parts: string;
}

const options = new Command('snapshots')
  .description('Measures a node that holds many keys: pauses of its event loop, memory, time.')
  .option('--keys <number>', 'how many', integerReader(1000, 100_000_000), 1_000_000)
  .option('--value-bytes <number>', 'of each', integerReader(1, 1_000_000), 100)
  .option(
    '--log-mi-b <number>',
    'size of the log, MiB, above which a snapshot is taken',
    integerReader(1, 4096),
    64,
  )
  .option('--parts <names>', 'of: alone, log, cost, three', 'alone,log,cost,three')
  .parse()
  .opts<Options>();

const { keys, valueBytes } = options;
const mib = 1024 * 1024;
const keyAt = (place: number) => `key:${String(place).padStart(8, '0')}`;
const scattered = (place: number) => keyAt((place * 7919) % keys);
const dataBytes = keys * (keyAt(0).length + valueBytes);

const columns = [
  'phase',
  's',
  'cpu s',
  'turn',
  'turn own',
  'turn cpu',
  'disturbed',
  'gc',
  'heap',
  'ext',
  'rss',
  'rss/data',
  'log',
  'snapshot',
];
console.log(columns.map((name) => name.padStart(9)).join(' '));

function print(phase: string, seconds: number, measured: Measurement): void {
  const { cpuMs, turns, heap, external, rss, logBytes, snapshotIndex } = measured;
  const cells = [
    ...[
      seconds.toFixed(1),
      (cpuMs / 1000).toFixed(1),
      turns.wall.toFixed(1),
      turns.own.toFixed(1),
      turns.cpu.toFixed(1),
      String(turns.disturbed),
    ],
    ...[turns.gc.toFixed(1), (heap / mib).toFixed(0), (external / mib).toFixed(0), (rss / mib).toFixed(0)],
    ...[(rss / dataBytes).toFixed(2), (logBytes / mib).toFixed(0), String(snapshotIndex)],
  ];
  console.log(`${phase.padEnd(24)} ${cells.map((cell) => cell.padStart(8)).join(' ')}`);
}

async function measured(node: NodeProcess, collect = false): Promise<Measurement> {
  for (;;) {
    const measurement = await node.measure(collect);
    if (measurement) return measurement;
    await delay(20);
  }
}

/** Does something with a node, and prints what it cost. */
async function phase(name: string, node: NodeProcess, work: () => Promise<unknown>): Promise<Measurement> {
  await measured(node);
  const from = performance.now();
  await work();
  const measurement = await measured(node);
  print(name, (performance.now() - from) / 1000, measurement);
  return measurement;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listenOn()));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  return ports;
}

async function cluster(folder: string, nodes: number, logMiB = options.logMiB) {
  const ports = await freePorts(nodes);
  const members = Object.fromEntries(ports.map((port, i) => [`n${i + 1}`, { host: '127.0.0.1', port }]));
  const settingsOf = (id: string) => ({
    id,
    members,
    data: path.join(folder, id),
    snapshotLogBytes: logMiB * mib,
  });
  return { ids: Object.keys(members), start: (id: string) => new NodeProcess(settingsOf(id)), settingsOf };
}

async function startedTurn(
  name: string,
  node: NodeProcess,
  until: (m: Measurement) => boolean,
): Promise<void> {
  const from = performance.now();
  let turns = { wall: 0, own: 0, cpu: 0, gc: 0, disturbed: 0 };
  let cpuMs = 0;
  for (;;) {
    const measurement = await measured(node);
    turns = {
      wall: Math.max(turns.wall, measurement.turns.wall),
      own: Math.max(turns.own, measurement.turns.own),
      cpu: Math.max(turns.cpu, measurement.turns.cpu),
      gc: Math.max(turns.gc, measurement.turns.gc),
      disturbed: turns.disturbed + measurement.turns.disturbed,
    };
    cpuMs += measurement.cpuMs;
    if (until(measurement)) {
      print(name, (performance.now() - from) / 1000, { ...measurement, turns, cpuMs });
      return;
    }
    await delay(50);
  }
}

async function alone(folder: string): Promise<void> {
  const { start } = await cluster(folder, 1);
  let node = start('n1');
  let client = new RedisPipeline((await measured(node)).redisPort);
  await client.ask('SET', 'warm', 'up');
  await phase('fill', node, () => client.set(keys, keyAt, valueBytes));
  await phase('overwrite', node, () => client.set(keys, scattered, valueBytes));
  await phase('overwrite again', node, () => client.set(keys, scattered, valueBytes));
  await phase('rest', node, () => delay(2000));
  const { lastApplied } = await measured(node, true);
  print('collected', 0, await measured(node, true));
  client.close();
  await node.kill();
  node = start('n1');
  await startedTurn('restart', node, (m) => m.lastApplied >= lastApplied && m.leads);
  client = new RedisPipeline((await measured(node)).redisPort);
  console.log('DBSIZE', JSON.stringify(await client.ask('DBSIZE')));
  print('collected', 0, await measured(node, true));
  client.close();
  await node.kill();
}

/** A snapshot of all keys, and as many entries behind it. */
async function log(folder: string): Promise<void> {
  const { start, settingsOf } = await cluster(folder, 1);
  let node = start('n1');
  let client = new RedisPipeline((await measured(node)).redisPort);
  await client.ask('SET', 'warm', 'up');
  await client.set(keys, keyAt, valueBytes);
  client.close();
  await node.kill();
  node = new NodeProcess({ ...settingsOf('n1'), snapshotLogBytes: 4096 * mib });
  client = new RedisPipeline((await measured(node)).redisPort);
  await client.ask('SET', 'warm', 'up');
  await phase('long log', node, () => client.set(keys, scattered, valueBytes));
  const { lastApplied } = await measured(node);
  client.close();
  await node.kill();
  node = start('n1');
  await startedTurn('restart', node, (m) => m.lastApplied >= lastApplied && m.leads);
  print('collected', 0, await measured(node, true));
  await node.kill();
}

async function cost(folder: string): Promise<void> {
  const writes = 200_000;
  for (const count of [1000, keys]) {
    const { start } = await cluster(path.join(folder, String(count)), 1);
    const node = start('n1');
    const client = new RedisPipeline((await measured(node)).redisPort);
    await client.ask('SET', 'warm', 'up');
    await client.set(count, keyAt, valueBytes);
    for (const round of [1, 2, 3]) {
      await phase(`${count} keys, round ${round}`, node, () =>
        client.set(writes, (place) => keyAt((place * 7919) % count), valueBytes),
      );
    }
    client.close();
    await node.kill();
  }
}

/** The third node joins when the log of the others has let go of what it lacks. */
async function three(folder: string): Promise<void> {
  const { ids, start } = await cluster(folder, 3);
  const [late = '', ...early] = ids;
  const nodes = new Map(early.map((id) => [id, start(id)]));
  const [first] = nodes.values();
  if (!first) return;
  const client = new RedisPipeline((await measured(first)).redisPort);
  await client.ask('SET', 'warm', 'up');
  const refused = await client.set(keys, keyAt, valueBytes);
  console.log(`${refused} refused`);
  for (const [id, node] of nodes) print(`filled ${id}`, 0, await measured(node));
  const { lastApplied } = await measured(first);
  const joining = start(late);
  await startedTurn(`install on ${late}`, joining, (m) => m.lastApplied >= lastApplied);
  for (const [id, node] of nodes) print(`meanwhile ${id}`, 0, await measured(node));
  print(`collected ${late}`, 0, await measured(joining, true));
  for (const node of [...nodes.values(), joining]) await node.kill();
}

const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-bench-'));
const parts: Record<string, (folder: string) => Promise<void>> = { alone, log, cost, three };
try {
  for (const name of options.parts.split(',')) {
    console.log(name);
    await parts[name]?.(path.join(folder, name));
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
