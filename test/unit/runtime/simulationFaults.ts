/** A schedule of faults as plain data, so that a run and its continuation from an image suffer the same. */
import { SeededRandom } from '../../../machines/random.ts';
import { StreamHash } from '../../../runtime/simulation/streamHash.ts';
import type { Simulation, SimulationOptions, TraceRecord } from '../../../runtime/testing.ts';

export interface Fault {
  /** ms */
  readonly at: number;
  readonly type:
    | 'crash'
    | 'restart'
    | 'partition'
    | 'heal'
    | 'failingDisk'
    | 'goodDisk'
    | 'pause'
    | 'fastClock'
    | 'slowClock';
  readonly node: string;
}

/** Nodes under load on a bad network with bad disks, that snapshot often. */
export function roughWeather(seed: number): SimulationOptions {
  return {
    ...{ nodes: 3, seed, raft: { noopAtTermStart: true } },
    network: { hopMs: [1, 20], requestLoss: 0.05, replyLoss: 0.05, duplication: 0.05 },
    disk: { syncMs: [0.1, 4], tornWrites: 0.5 },
    workload: { everyMs: [5, 30], bytes: [20, 200] },
    // Large enough to travel in two chunks.
    snapshots: { everyEntries: 10, bytes: 270_000 },
  };
}

/** One fault about every 250 ms until `endMs`, each undone 350 ms later. */
export function faultSchedule(seed: number, ids: readonly string[], endMs: number): Fault[] {
  const random = new SeededRandom(`${seed} faults`);
  const faults: Fault[] = [];
  const pairs = [
    ['crash', 'restart'],
    ['partition', 'heal'],
    ['failingDisk', 'goodDisk'],
    ['pause', 'slowClock'],
    ['fastClock', 'pause'],
  ] as const;
  for (let at = 500; at < endMs; at += 150 + random.next() * 200) {
    const node = ids[Math.floor(random.next() * ids.length)] ?? '';
    const [type, undo] = pairs[Math.floor(random.next() * pairs.length)] ?? pairs[0];
    faults.push({ at, type, node }, { at: at + 350, type: undo, node });
  }
  return faults.sort((a, b) => a.at - b.at);
}

/** Runs until the virtual time `endMs`, with those faults that are still to come. */
export async function play(simulation: Simulation, faults: readonly Fault[], endMs: number): Promise<void> {
  const { clock } = simulation;
  for (const fault of faults) {
    if (fault.at <= clock.now() || fault.at > endMs) continue;
    await simulation.run(fault.at - clock.now());
    suffer(simulation, fault);
  }
  await simulation.run(endMs - clock.now());
}

function suffer(simulation: Simulation, { type, node }: Fault): void {
  const { network } = simulation;
  const disk = simulation.disk(node);
  if (type === 'crash') simulation.crash(node);
  else if (type === 'restart') simulation.restart(node);
  else if (type === 'heal') network.heal();
  else if (type === 'pause') simulation.pause(node, 300);
  else if (type === 'fastClock') simulation.setClockRate(node, 1.3);
  else if (type === 'slowClock') simulation.setClockRate(node, 0.8);
  else if (type === 'failingDisk') disk.conditions = { ...disk.conditions, writeFailures: 0.1 };
  else if (type === 'goodDisk') {
    disk.conditions = { ...disk.conditions, writeFailures: 0 };
    simulation.restart(node);
  } else
    network.partition(
      [node],
      simulation.ids.filter((id) => id !== node),
    );
}

/** Collects what happens from now on, as text. */
export function recordsOf(simulation: Simulation): string[] {
  const records: string[] = [];
  simulation.trace.onRecord = (record: TraceRecord) => records.push(JSON.stringify(record, bytesAsText));
  return records;
}

function bytesAsText(_: string, value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  if (value.byteLength > 1000) return `${value.byteLength} bytes ${new StreamHash().bytes(value).digest()}`;
  return Buffer.from(value).toString('hex');
}
