/** Where the leader's time goes: at 256 clients that write, at 256 that read, and at 50 that pipeline. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Bench, Load } from '../bench.ts';
import type { BenchCase, Table } from '../benchCase.ts';
import { type CpuProfile, selfTimes } from '../measure/cpuProfile.ts';
import { RaftCluster } from '../systems/raftCluster.ts';

const functionsMax = 25;
const sampleMicros = 500;
const loads = {
  'SET, 256 clients': { command: 'set', clients: 256 },
  'GET, 256 clients': { command: 'get', clients: 256 },
  'SET, 50 clients, 16 in a batch': { command: 'set', clients: 50, depth: 16 },
} as const;

/** The profile of the process that leads, and when the load was on it. */
async function profileOf(bench: Bench, load: Load) {
  const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-bench-'));
  const flags = ['--cpu-prof', '--cpu-prof-interval', String(sampleMicros), '--cpu-prof-dir', folder];
  try {
    return await bench.using([await RaftCluster.prepare(3, { nodeFlags: flags })], async ([cluster]) => {
      if (!cluster) throw new RangeError('There is no cluster.');
      await bench.fill(cluster);
      const { place } = await cluster.leadership();
      const pid = cluster.pids()[place];
      const from = micros();
      const { fault } = await bench.measure(cluster, load);
      const to = micros();
      if (fault !== undefined) throw new Error(fault);
      // It writes its profile when it ends.
      await cluster.end(place);
      const file = (await readdir(folder)).find((name) => name.split('.').includes(String(pid)));
      if (file === undefined) throw new Error('The leader left no profile.');
      // What Node writes, in a folder that is ours.
      const profile = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as CpuProfile;
      const { busy, functions } = selfTimes(profile, from, to, fileName);
      return { busy, functions: functions.slice(0, functionsMax) };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function micros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** A file of the package or of a dependency, without the path of this machine. */
function fileName(url: string): string {
  return url.replace(/^.*\/(?=dist\/|node_modules\/)/, '').replace(/^dist\//, '');
}

function tableOf(title: string, { busy, functions }: Awaited<ReturnType<typeof profileOf>>): Table {
  const rows = functions.map(({ name, share }) => [`${(100 * share).toFixed(1)} %`, `\`${name}\``]);
  const isBusy = `${(100 * busy).toFixed(0)} % of the time not idle`;
  return { title: `${title}, the leader's main thread: ${isBusy}`, columns: ['self time', 'function'], rows };
}

export const profile: BenchCase = {
  name: 'profile',
  title: 'where the time of the leader goes: a CPU profile of its main thread',
  steps: () => Object.keys(loads).length,
  async run(bench) {
    const profiles = [];
    for (const [name, load] of Object.entries(loads))
      profiles.push({ name, profile: await profileOf(bench, load) });
    const tables = profiles.map((each) => tableOf(each.name, each.profile));
    return { claims: [], tables, plots: [], data: profiles };
  },
};
