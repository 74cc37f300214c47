/** What the tests of the paper share: one node as the paper has it, and clusters that begin with given logs. */
import { simulate } from 'xstate-raft/testing';
import type { NodeId } from '../../machines/configuration.ts';
import { type EntryBlock, entryOffsets, readEntryTerm } from '../../machines/entry.ts';
import type { RaftMessage, RaftReply, RaftRequest } from '../../machines/messages.ts';
import type { StoredState } from '../../machines/ports.ts';
import type { RaftOptions } from '../../machines/raft.context.ts';
import type { Applied } from '../../machines/streams.ts';
import type { Simulation, SimulationOptions } from '../../runtime/testing.ts';
import { block, type Harness, harness, voteGranted } from '../unit/runtime/nodeHarness.ts';

/**
 * Without what later work added: pre-vote (dissertation, section 9.6) and check-quorum (6.2). The no-op of section 8 is
 * an option too, and off by default.
 */
export const asInThePaper = { preVote: false, checkQuorum: false } as const;

export const bytes = (text: string) => new TextEncoder().encode(text);

/** What a disk holds: the term, the log as the terms of its entries, and the vote. */
export function stored(
  term: number,
  log: readonly number[] = [],
  votedFor: NodeId | null = null,
): Partial<StoredState> {
  return { term, votedFor, entries: log.length > 0 ? [block(1, log)] : [] };
}

/** The node n1 of n1, n2 and n3, with a disk on which a write is durable at once. */
export function paperNode(recovered?: Partial<StoredState>, raft: Partial<RaftOptions> = {}): Harness {
  const bench = harness(recovered, { ...asInThePaper, ...raft });
  bench.disk.isFast = true;
  return bench;
}

export const voteRefused = (term: number, voter = 'n2'): RaftReply => ({
  ...{ type: 'requestVoteReply', group: 0, term, from: voter, voteGranted: false },
});

/** A follower's no, which says no more than that. */
export const unmatched = (term: number, follower = 'n2'): RaftReply => ({
  ...{ type: 'appendEntriesReply', group: 0, term, from: follower, success: false, matchIndex: 0, round: 0 },
  ...{ conflictIndex: Number.MAX_SAFE_INTEGER, conflictTerm: 0 },
});

/** Hands a request in and returns the reply, which leaves within a ms. */
export async function ask(bench: Harness, request: RaftRequest): Promise<RaftReply> {
  const token = bench.receive(request);
  await bench.pass(1);
  const reply = bench.replies.get(token);
  if (!reply) throw new Error(`A request of type ${request.type} was not answered within 1 ms.`);
  return reply;
}

/** The requests of a type that the node sent, to everyone or to one. */
export function sentOf<T extends RaftRequest['type']>({ sent }: Harness, type: T, peer?: NodeId) {
  return sent.flatMap(({ to, request }) =>
    request.type === type && (peer ?? to) === to ? [request as Extract<RaftRequest, { type: T }>] : [],
  );
}

/** The latest of them. */
export function lastSent<T extends RaftRequest['type']>(bench: Harness, type: T, peer?: NodeId) {
  const request = sentOf(bench, type, peer).at(-1);
  if (!request) throw new Error(`Nothing of type ${type} was sent to ${peer ?? 'anyone'}.`);
  return request;
}

/** Nobody is heard until it asks for votes in a term that it has not asked in. Returns when that was, ms. */
export async function stand(bench: Harness): Promise<number> {
  const asked = () => Math.max(0, ...sentOf(bench, 'requestVote').map(({ term }) => term));
  const before = asked();
  await bench.clock.run(bench.clock.now() + 2000, () => asked() > before);
  return bench.clock.now();
}

/** Makes it leader of the next term, by its own vote and one more. */
export async function lead(bench: Harness, voter = 'n2'): Promise<void> {
  await stand(bench);
  bench.answer(voter, voteGranted(bench.node.term, voter));
  await bench.pass(0);
  if (!bench.node.isLeader) throw new Error(`${voter}'s vote did not make it leader.`);
}

/** The log of a node as the terms of its entries. */
export function termsOf({ node: { log } }: Harness): (number | undefined)[] {
  const length = log.lastIndex - log.snapshotIndex;
  return Array.from({ length }, (_, i) => log.termAt(log.firstIndex + i));
}

/** The indexes of the entries that a service was handed. */
export const indexesOf = (applied: readonly Applied[]) =>
  applied.flatMap((item) => (item.type === 'entries' ? item.entries.map(({ index }) => index) : []));

export interface GivenNode {
  readonly term: number;
  readonly votedFor?: NodeId;
  /** The terms of its entries. */
  readonly log: readonly number[];
}

/** A cluster whose disks hold what is given. */
export function clusterFrom(
  given: Readonly<Record<NodeId, GivenNode>>,
  options: Partial<SimulationOptions> = {},
): Simulation {
  const simulation = simulate({ nodes: Object.keys(given), seed: 1, ...options });
  for (const [id, { term, votedFor = null, log }] of Object.entries(given)) {
    const disk = simulation.disk(id);
    simulation.crash(id);
    disk.restore({ ...disk.image(), hardState: { term, votedFor }, entries: block(1, log) });
    simulation.restart(id);
  }
  return simulation;
}

/** All messages go from or to `center`: no other node can win an election. Mends earlier cuts. */
export function reachOnly(simulation: Simulation, center: NodeId): void {
  simulation.network.heal();
  const others = simulation.ids.filter((id) => id !== center);
  for (const from of others) for (const to of others) if (from !== to) simulation.network.cut(from, to);
}

function termsIn({ bytes: entries, firstIndex }: EntryBlock): number[] {
  return entryOffsets(entries, firstIndex).map((offset) => readEntryTerm(entries, offset));
}

/** What stands in the log on the disk of a node, as the terms of its entries. */
export function durableTerms(simulation: Simulation, id: NodeId): number[] {
  return simulation.disk(id).recovered.entries.flatMap(termsIn);
}

/** Lets time pass until a node leads. @throws Error if it does not within `ms` */
export async function untilLeads(simulation: Simulation, id: NodeId, ms = 10_000): Promise<void> {
  const led = await simulation.until(() => simulation.status(id)?.role === 'leader', ms);
  if (!led) throw new Error(`${id} did not lead within ${ms} ms.`);
}

export interface Delivery {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: RaftMessage;
}

/** Every message that arrives from now on. */
export function deliveriesOf(simulation: Simulation): Delivery[] {
  const deliveries: Delivery[] = [];
  simulation.trace.onRecord = (record) => {
    if (record.type !== 'delivered') return;
    const { from, to, message } = record;
    deliveries.push({ from, to, message: message as RaftMessage }); // no others travel in a simulation
  };
  return deliveries;
}

/** Who has led which term: `look` is called after each event, and says false. */
export function watchLeaders(simulation: Simulation): {
  readonly terms: Map<number, Set<NodeId>>;
  readonly look: () => false;
} {
  const terms = new Map<number, Set<NodeId>>();
  const look = () => {
    for (const id of simulation.ids) {
      const { role, term = 0 } = simulation.status(id) ?? {};
      if (role === 'leader') terms.set(term, (terms.get(term) ?? new Set()).add(id));
    }
    return false as const;
  };
  return { terms, look };
}

/** All nodes have applied the same, up to the same index. */
export function agreeOn(simulation: Simulation, index: number): boolean {
  const states = simulation.ids.map((id) => simulation.applied(id));
  return states.every(({ lastApplied, digest }) => lastApplied === index && digest === states[0]?.digest);
}
