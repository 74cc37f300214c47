/** Whole clusters under faults drawn from a seed: what must hold holds at every step, and a healed cluster goes on. */
import { expect } from 'chai';
import { SeededRandom, type Simulation, simulate } from 'xstate-raft/testing';
import { appliedInOrder } from '../invariants/appliedInOrder.ts';
import { electionSafety } from '../invariants/electionSafety.ts';
import { stateMachineSafety } from '../invariants/stateMachineSafety.ts';

/** What a run has to meet, so that passing means something. */
interface Seen {
  elections: number;
  crashes: number;
  cuts: number;
  truncations: number;
  snapshotsInstalled: number;
}

const faults = 60;

/** A cluster whose size, network, disks and snapshots follow from the seed. */
function drawn(seed: number, random: SeededRandom): Simulation {
  return simulate({
    ...{ nodes: seed % 4 === 0 ? 3 : 5, seed },
    network: {
      ...{ hopMs: [1, 1 + random.next() * 30], duplication: random.next() * 0.05 },
      ...{ requestLoss: random.next() * 0.1, replyLoss: random.next() * 0.1 },
      ...(seed % 3 === 0 && { lateReplies: 0.3, lateReplyMs: [200, 2200] }),
    },
    // Slow against the network: much is said to be durable, or wrongly so, just before it is lost.
    disk: { syncMs: [0.2, 40], tornWrites: 0.5 },
    workload: { everyMs: [2, 60], bytes: [1, 200] },
    raft: { noopAtTermStart: seed % 2 === 0 },
    // Above a quarter of a MiB a snapshot travels in several chunks.
    ...(seed % 2 === 1 && {
      snapshots: { everyEntries: 10 + (seed % 50), bytes: seed % 7 === 1 ? 400_000 : 100 },
    }),
  });
}

/** One run; throws what is wrong, with the seed and the time. */
async function run(seed: number, seen: Seen): Promise<void> {
  const random = new SeededRandom(`faults ${seed}`);
  const simulation = drawn(seed, random);
  const invariants = [electionSafety, stateMachineSafety, appliedInOrder].map((make) => make(simulation));
  let violation: string | undefined;
  simulation.trace.onRecord = (record) => {
    for (const invariant of invariants) violation ??= invariant.look(record);
    if (record.type === 'durable' && record.group.truncateFrom !== undefined) seen.truncations += 1;
    if (record.type === 'applied' && record.applied.type === 'snapshot') seen.snapshotsInstalled += 1;
    if (record.type === 'transition' && record.event === 'replied.requestVote') {
      if (simulation.status(record.node)?.role === 'leader') seen.elections += 1;
    }
  };
  const down = new Set<string>();
  const { ids } = simulation;
  const pick = () => ids[Math.floor(random.next() * ids.length)] ?? 'n1';
  const crash = (id: string) => {
    simulation.crash(id);
    down.add(id);
    seen.crashes += 1;
    for (const invariant of invariants) invariant.restarted?.(id);
  };
  const restartAll = () => {
    for (const id of down) simulation.restart(id);
    down.clear();
  };
  /** All at once, and whoever led stays away for a while: what only it had is missed now or never. */
  const powerCut = () => {
    const away = simulation.leader() ?? pick();
    for (const id of ids) crash(id);
    restartAll();
    crash(away);
  };
  /** Those that have missed the most are left to themselves. */
  const leaveTheStale = () => {
    const byLog = [...ids].sort((a, b) => lastLogIndex(a) - lastLogIndex(b));
    restartAll();
    simulation.network.heal();
    for (const id of byLog.slice(Math.ceil((ids.length + 1) / 2))) crash(id);
    seen.cuts += 1;
  };
  const lastLogIndex = (id: string) => simulation.status(id)?.lastLogIndex ?? 0;
  const hurt = () => {
    const choice = random.next();
    if (choice < 0.2) crash(pick());
    else if (choice < 0.35) powerCut();
    else if (choice < 0.5) restartAll();
    else if (choice < 0.65) {
      const side = ids.filter(() => random.next() < 0.5);
      simulation.network.partition(
        side,
        ids.filter((id) => !side.includes(id)),
      );
      seen.cuts += 1;
    } else if (choice < 0.75) {
      simulation.network.cut(pick(), pick());
      seen.cuts += 1;
    } else if (choice < 0.85) simulation.network.heal();
    else if (choice < 0.95) leaveTheStale();
    else {
      const leader = simulation.leader();
      if (leader) crash(leader);
    }
  };

  for (let fault = 0; fault < faults && !violation; fault += 1) {
    await simulation.run(random.next() * (random.next() < 0.2 ? 1500 : 250));
    hurt();
  }
  restartAll();
  simulation.network.heal();
  simulation.network.conditions = {
    ...simulation.network.conditions,
    requestLoss: 0,
    replyLoss: 0,
    lateReplies: 0,
  };
  const reached = Math.max(...ids.map(lastLogIndex));
  const goesOn = () => ids.every((id) => (simulation.status(id)?.lastApplied ?? 0) > reached);
  if (!violation && !(await simulation.until(goesOn, 15_000)))
    violation = 'the healed cluster makes no progress';
  const at = `${(simulation.clock.now() / 1000).toFixed(3)} s`;
  simulation.stop();
  if (violation) throw new Error(`Seed ${seed}, after ${at}: ${violation}.`);
}

describe('a cluster under faults', () => {
  const seen: Seen = { elections: 0, crashes: 0, cuts: 0, truncations: 0, snapshotsInstalled: 0 };

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 29]) {
    it(`keeps what must hold, and goes on when it is healed (seed ${seed})`, async () => {
      await run(seed, seen);
    });
  }

  it('has met elections, crashes, cuts, truncations and installed snapshots', () => {
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.above(0);
  });
});
