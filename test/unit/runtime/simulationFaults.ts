/** A schedule of faults as plain data, so that a run and its continuation from an image suffer the same. */
import { SeededRandom } from '../../../machines/random.ts';
import { StreamHash } from '../../../runtime/simulation/streamHash.ts';
import type {
  Fault,
  ScheduledFault,
  Simulation,
  SimulationOptions,
  TraceRecord,
} from '../../../runtime/testing.ts';

const roughDisk = { syncMs: [0.1, 4], tornWrites: 0.5 } as const;

/** Nodes under load on a bad network with bad disks, that snapshot often. */
export function roughWeather(seed: number): SimulationOptions {
  return {
    ...{ nodes: 3, seed, raft: { noopAtTermStart: true } },
    network: { hopMs: [1, 20], requestLoss: 0.05, replyLoss: 0.05, duplication: 0.05 },
    disk: roughDisk,
    workload: { everyMs: [5, 30], bytes: [20, 200] },
    // Large enough to travel in two chunks.
    snapshots: { everyEntries: 10, bytes: 270_000 },
  };
}

/** One fault about every 250 ms until `endMs`, each undone 350 ms later. */
export function faultSchedule(seed: number, ids: readonly string[], endMs: number): ScheduledFault[] {
  const random = new SeededRandom(`${seed} faults`);
  const schedule: ScheduledFault[] = [];
  for (let atMs = 500; atMs < endMs; atMs += 150 + random.next() * 200) {
    const node = ids[Math.floor(random.next() * ids.length)] ?? '';
    const disk = (writeFailures: number): Fault => ({
      ...{ type: 'disk', node, conditions: { ...roughDisk, writeFailures } },
    });
    const pairs: readonly (readonly [Fault, readonly Fault[]])[] = [
      [{ type: 'crash', node }, [{ type: 'restart', node }]],
      [{ type: 'isolate', node }, [{ type: 'heal' }]],
      [disk(0.1), [disk(0), { type: 'restart', node }]],
      [{ type: 'pause', node, ms: 300 }, [{ type: 'clockRate', node, rate: 0.8 }]],
      [{ type: 'clockRate', node, rate: 1.3 }, [{ type: 'pause', node, ms: 300 }]],
    ];
    const [fault, undo] = pairs[Math.floor(random.next() * pairs.length)] ?? [{ type: 'heal' }, []];
    schedule.push({ atMs, fault }, ...undo.map((undone) => ({ atMs: atMs + 350, fault: undone })));
  }
  return schedule.sort((a, b) => a.atMs - b.atMs);
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
