import { expect } from 'chai';
import { type Simulation, simulate, type TraceRecord } from 'xstate-raft/testing';
import { type Entry, entryOffsets, readEntry } from '../../machines/entry.ts';
import { appliedInOrder } from '../invariants/appliedInOrder.ts';
import { electionSafety } from '../invariants/electionSafety.ts';
import type { Invariant } from '../invariants/invariant.ts';
import { stateMachineSafety } from '../invariants/stateMachineSafety.ts';
import { agreeOn, asInThePaper, clusterFrom, durableTerms } from './paperBench.ts';

/** What is seen of a cluster under faults, at every new leader and at the end. */
interface Story {
  /** What the invariants say is wrong. */
  readonly broken: string[];
  /** Elections, with the committed entries that the log of the elected lacks. */
  readonly elections: { readonly leader: string; readonly term: number; readonly lacking: string[] }[];
  /** Leaders whose log became shorter while they led. */
  readonly shortened: string[];
  /** Logs of several nodes at one moment. */
  readonly moments: { readonly time: number; readonly logs: ReadonlyMap<string, readonly string[]> }[];
  readonly committed: ReadonlyMap<number, string>;
}

/** Times in ms: elections often enough for a short run. */
const quick = { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 };

const asText = ({ term, kind, payload }: Entry) =>
  `${term} ${kind} ${Buffer.from(payload).toString('latin1')}`;

/** The logs in the memories of all nodes that are up, an item for each index. */
function logsOf(simulation: Simulation): Map<string, string[]> {
  const logs = new Map<string, string[]>();
  simulation.capture().nodes.forEach(({ life }, i) => {
    if (!life) return;
    const { bytes, firstIndex } = life.node.log.entries;
    const entries = entryOffsets(bytes, firstIndex).map((offset) => asText(readEntry(bytes, offset)));
    logs.set(simulation.ids[i] ?? '', entries);
  });
  return logs;
}

/**
 * Five nodes on a bad network and bad disks. Each round, in turn, a leader is cut off with one follower, or crashes; what
 * was done the round before is undone.
 */
async function storm(seed: number, rounds: number): Promise<Story> {
  const simulation = simulate({
    ...{ nodes: 5, seed, raft: { ...asInThePaper, ...quick } },
    network: { hopMs: [1, 20], requestLoss: 0.05, replyLoss: 0.05, duplication: 0.05 },
    disk: { syncMs: [0.1, 4], tornWrites: 0.5 },
    workload: { everyMs: [10, 40], bytes: [10, 30] },
  });
  const committed = new Map<number, string>();
  const story = { broken: [], elections: [], shortened: [], moments: [], committed } as Story;
  const { broken, elections, shortened, moments } = story;
  const invariants: Invariant[] = [electionSafety, stateMachineSafety, appliedInOrder];
  const watches = invariants.map((invariant) => invariant(simulation));
  simulation.trace.onRecord = (record: TraceRecord) => {
    for (const { look } of watches) broken.push(...[look(record)].filter((said) => said !== undefined));
    if (record.type !== 'applied' || record.applied.type !== 'entries') return;
    for (const entry of record.applied.entries) committed.set(entry.index, asText(entry));
  };
  const lastOf = new Map<string, number>();
  const look = () => {
    for (const id of simulation.ids) {
      const status = simulation.status(id);
      if (status?.role !== 'leader') continue;
      const leadership = `${id} in term ${status.term}`;
      const last = lastOf.get(leadership);
      lastOf.set(leadership, status.lastLogIndex);
      if (last !== undefined && status.lastLogIndex < last) shortened.push(leadership);
      if (last !== undefined) continue;
      const logs = logsOf(simulation);
      const log = logs.get(id) ?? [];
      const lacking = [...committed].filter(([index, entry]) => log[index - 1] !== entry);
      elections.push({ leader: id, term: status.term, lacking: lacking.map(([index]) => `${index}`) });
      moments.push({ time: simulation.clock.now(), logs });
    }
    return false;
  };
  const restart = (id: string | undefined) => {
    if (id === undefined) return;
    for (const watch of watches) watch.restarted?.(id);
    simulation.restart(id);
  };
  let down: string | undefined;
  for (let round = 0; round < rounds; round += 1) {
    await simulation.until(look, 450);
    const leader = simulation.leader() ?? 'n1';
    const [companion = ''] = simulation.ids.filter((id) => id !== leader && id !== down);
    const minority = [leader, companion];
    simulation.network.heal();
    restart(down);
    down = undefined;
    if (round % 2 === 0) {
      simulation.network.partition(
        minority,
        simulation.ids.filter((id) => !minority.includes(id)),
      );
    } else {
      simulation.crash(leader);
      down = leader;
    }
  }
  simulation.network.heal();
  restart(down);
  await simulation.until(look, 500);
  moments.push({ time: simulation.clock.now(), logs: logsOf(simulation) });
  simulation.stop();
  return story;
}

// Section 5.4.3, safety argument: the properties of figure 3, under faults.
describe('5.4.3 under crashes, partitions and loss', () => {
  let stories: Story[];
  before(async () => {
    stories = [];
    for (const seed of [1, 2]) stories.push(await storm(seed, 10));
  });

  it('there was something to get wrong: leaders came and went, and commands were committed', () => {
    for (const { elections, committed } of stories) {
      expect(elections.length, 'elections').to.be.above(3);
      expect(committed.size, 'committed entries').to.be.above(30);
    }
  });

  it('a term has one leader at most, and servers apply the same entries, in order (3: election, state machine)', () => {
    expect(stories.flatMap(({ broken }) => broken)).to.deep.equal([]);
  });

  it('who is elected has every entry that was committed before (3: leader completeness)', () => {
    const lacking = stories.flatMap(({ elections }) =>
      elections.filter((election) => election.lacking.length > 0),
    );
    expect(lacking).to.deep.equal([]);
  });

  it('a leader only ever appends to its log (3: leader append-only)', () => {
    expect(stories.flatMap(({ shortened }) => shortened)).to.deep.equal([]);
  });

  it('logs with an entry of one index and term are the same up to there (3: log matching)', () => {
    const differing: string[] = [];
    let compared = 0;
    for (const { logs, time } of stories.flatMap(({ moments }) => moments)) {
      for (const [a, one] of logs) {
        for (const [b, other] of logs) {
          const term = (entry: string | undefined) => entry?.split(' ')[0];
          const last = one.findLastIndex((entry, i) => term(entry) === term(other[i]));
          compared += last + 1;
          if (one.slice(0, last + 1).join('\n') !== other.slice(0, last + 1).join('\n')) {
            differing.push(`${a} and ${b} at ${time} up to ${last + 1}`);
          }
        }
      }
    }
    expect(compared).to.be.above(100);
    expect(differing).to.deep.equal([]);
  });
});

// Section 5.4.3, safety argument: the voter that is in both majorities.
describe('5.4.3 when two of five fail after a commit', () => {
  it('the one of the three that are left that stores the entry is elected, and the entry stays', async () => {
    const given = (log: number[]) => ({ term: 2, log });
    const simulation = clusterFrom(
      { n1: given([1, 2]), n2: given([1, 2]), n3: given([1, 2]), n4: given([1]), n5: given([1]) },
      { raft: { ...asInThePaper, noopAtTermStart: true } },
    );
    for (const id of ['n1', 'n2']) simulation.crash(id);
    await simulation.until(() => simulation.leader() !== undefined, 20_000);
    expect(simulation.leader()).to.equal('n3');
    for (const id of ['n1', 'n2']) simulation.restart(id);
    const last = simulation.status('n3')?.lastLogIndex ?? 0;
    expect(await simulation.until(() => agreeOn(simulation, last), 5000), 'all applied the same').to.equal(
      true,
    );
    await simulation.run(10);
    for (const id of simulation.ids) expect(durableTerms(simulation, id).slice(0, 2)).to.deep.equal([1, 2]);
    simulation.stop();
  });
});
