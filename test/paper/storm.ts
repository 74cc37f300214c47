/** A cluster under faults, and what an observer writes down of it: how section 5.4.3 gets something to argue about. */
import { type Simulation, simulate } from 'xstate-raft/testing';
import type { NodeId } from '../../machines/configuration.ts';
import type { Entry } from '../../machines/entry.ts';
import { asInThePaper } from './paperBench.ts';

/** An entry in words: equal words, equal entries. The term comes first. */
const inWords = ({ term, kind, payload }: Entry) =>
  `${term} ${kind} ${Buffer.from(payload).toString('latin1')}`;

/** The log in the memory of a node that is up; entry 1 at place 0. */
function logOf(simulation: Simulation, id: NodeId): string[] {
  const log = simulation.log(id);
  return Array.from({ length: log?.lastIndex ?? 0 }, (_, i) => {
    const entry = log?.entryAt(i + 1);
    return entry ? inWords(entry) : '';
  });
}

/** Times in ms: elections often enough for a short run. */
const quick = { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 };

export class Story {
  /** Who led, and what of the entries that were applied by then its log lacked, by index. */
  readonly elections: { readonly leader: NodeId; readonly term: number; readonly lacking: number[] }[] = [];
  /** Entries of a leader's own log that are others, or gone, while it still leads. */
  readonly changed: string[] = [];
  /** By index: every entry that some node applied there. */
  readonly applied = new Map<number, Set<string>>();
  /** Where a node applied anything but the next index. */
  readonly outOfOrder: string[] = [];
  /** The logs of all nodes at one moment, time and again. */
  readonly moments: (readonly (readonly string[])[])[] = [];
  readonly #simulation: Simulation;
  readonly #lastApplied = new Map<NodeId, number>();
  /** The log of each leader as it was last seen. */
  readonly #logs = new Map<string, string[]>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    simulation.trace.onRecord = (record) => {
      if (record.type !== 'applied' || record.applied.type !== 'entries') return;
      for (const entry of record.applied.entries) this.#apply(record.node, entry);
    };
  }

  /** To be called after each event; says false. */
  readonly look = (): false => {
    for (const id of this.#simulation.ids) {
      const { role, term = 0 } = this.#simulation.status(id) ?? {};
      if (role === 'leader') this.#lookAt(id, term);
    }
    return false;
  };

  restarted(id: NodeId): void {
    this.#lastApplied.delete(id);
  }

  takeMoment(): void {
    this.moments.push(this.#simulation.ids.map((id) => logOf(this.#simulation, id)));
  }

  #lookAt(id: NodeId, term: number): void {
    const leadership = `${id} in term ${term}`;
    const before = this.#logs.get(leadership);
    const length = this.#simulation.log(id)?.lastIndex ?? 0;
    // A log that has not changed its length is compared only now and then: it is long.
    if (before && before.length === length) return;
    const log = logOf(this.#simulation, id);
    this.#logs.set(leadership, log);
    if (before) {
      if (before.some((entry, i) => entry !== log[i])) this.changed.push(leadership);
      return;
    }
    const lacking = [...this.applied].filter(([index, entries]) => !entries.has(log[index - 1] ?? ''));
    this.elections.push({ leader: id, term, lacking: lacking.map(([index]) => index) });
    this.takeMoment();
  }

  #apply(node: NodeId, entry: Entry): void {
    const { index } = entry;
    const last = this.#lastApplied.get(node) ?? 0;
    if (index !== last + 1) this.outOfOrder.push(`${node} applied ${index} after ${last}`);
    this.#lastApplied.set(node, index);
    this.applied.set(index, (this.applied.get(index) ?? new Set()).add(inWords(entry)));
  }
}

/**
 * Five nodes on a bad network and bad disks. Each round, in turn, a leader is cut off with one follower, or crashes; what
 * was done the round before is undone.
 */
export async function storm(seed: number, rounds: number): Promise<Story> {
  const simulation = simulate({
    ...{ nodes: 5, seed, raft: { ...asInThePaper, ...quick } },
    network: { hopMs: [1, 20], requestLoss: 0.05, replyLoss: 0.05, duplication: 0.05 },
    disk: { syncMs: [0.1, 4], tornWrites: 0.5 },
    workload: { everyMs: [10, 40], bytes: [10, 30] },
  });
  const story = new Story(simulation);
  let down: NodeId | undefined;
  const undo = () => {
    simulation.network.heal();
    if (down === undefined) return;
    story.restarted(down);
    simulation.restart(down);
    down = undefined;
  };
  for (let round = 0; round < rounds; round += 1) {
    await simulation.until(story.look, 450);
    undo();
    const leader = simulation.leader() ?? 'n1';
    const others = simulation.ids.filter((id) => id !== leader);
    if (round % 2 === 0) simulation.network.partition([leader, ...others.slice(0, 1)], others.slice(1));
    else {
      simulation.crash(leader);
      down = leader;
    }
  }
  undo();
  await simulation.until(story.look, 500);
  story.takeMoment();
  simulation.stop();
  return story;
}
