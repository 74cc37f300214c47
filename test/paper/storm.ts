/** A cluster under faults, watched: how section 5.4.3 gets something to argue about. */
import { play, type ScheduledFault, simulate } from 'xstate-raft/testing';
import { Watcher } from '../../runtime/simulation/invariants/watcher.ts';
import { Counter, type Tally } from '../../runtime/simulation/soak/tally.ts';
import { asInThePaper } from './paperBench.ts';

/** Times in ms: elections often enough for a short run. */
const quick = { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 };
const roundMs = 450;

/** Each round, in turn, the leader is cut off or crashes; what was done the round before is undone. */
function schedule(rounds: number): ScheduledFault[] {
  return Array.from({ length: rounds }, (_, round): ScheduledFault[] => {
    const atMs = (round + 1) * roundMs;
    const hurt = round % 2 === 0 ? 'isolate' : 'crash';
    return [
      { atMs, fault: { type: 'heal' } },
      { atMs, fault: { type: 'restartAll' } },
      ...(round < rounds - 1 ? [{ atMs, fault: { type: hurt, node: 'the leader' } } as const] : []),
    ];
  }).flat();
}

/** Five nodes on a bad network and bad disks. */
export async function storm(seed: number, rounds: number): Promise<{ watcher: Watcher; tally: Tally }> {
  const simulation = simulate({
    ...{ nodes: 5, seed, raft: { ...asInThePaper, ...quick }, transitions: false },
    network: { hopMs: [1, 20], requestLoss: 0.05, replyLoss: 0.05, duplication: 0.05 },
    disk: { syncMs: [0.1, 4], tornWrites: 0.5 },
    workload: { everyMs: [10, 40], bytes: [10, 30] },
  });
  const counter = new Counter();
  const watcher = new Watcher(simulation, (record) => counter.take(record));
  await play(simulation, schedule(rounds), (rounds + 1) * roundMs);
  watcher.finish();
  simulation.trace.onRecord = () => {};
  simulation.stop();
  return { watcher, tally: counter.tally };
}
