/**
 * What can go wrong in a simulation, as plain data: a schedule of faults can be drawn from a seed, read, shortened and
 * played again.
 */
import type { NodeId } from '../../machines/configuration.ts';
import { InvalidArgument } from '../errors.ts';
import { type Conditions, conditions } from './network.ts';
import { type DiskConditions, reliableDisk } from './simulatedDisk.ts';
import type { Simulation } from './simulation.ts';

/** A node by its id, or whichever is this when the fault comes. Nobody leads: nothing happens. */
export type Whom = NodeId | 'the leader' | 'the longest log' | 'the shortest log';

export type Fault =
  /** Its power fails; what its disk had not synced is lost. */
  | { readonly type: 'crash'; readonly node: Whom }
  /** From what is durable. Nothing happens to one that is up. */
  | { readonly type: 'restart'; readonly node: Whom }
  /** All nodes crash at once, and all but one come back. */
  | { readonly type: 'powerCut'; readonly butNot: Whom }
  /** Every node that is down comes back, on a disk that works. */
  | { readonly type: 'restartAll' }
  /** Its process stands still for so long. */
  | { readonly type: 'pause'; readonly node: Whom; readonly ms: number }
  | { readonly type: 'clockRate'; readonly node: Whom; readonly rate: number }
  /** Nodes reach each other within a group only. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly NodeId[])[] }
  | { readonly type: 'isolate'; readonly node: Whom }
  /** Nothing gets from one to the other; the way back stays open. */
  | { readonly type: 'cut'; readonly from: Whom; readonly to: Whom }
  /** All cuts are mended. */
  | { readonly type: 'heal' }
  /** What differs from the reliable network from now on. */
  | { readonly type: 'network'; readonly conditions: Partial<Conditions> }
  /** What differs from the reliable disk from now on. */
  | { readonly type: 'disk'; readonly node: Whom; readonly conditions: Partial<DiskConditions> }
  | { readonly type: 'transfer'; readonly to: Whom };

export interface ScheduledFault {
  /** Simulated ms since the start. */
  readonly atMs: number;
  readonly fault: Fault;
}

interface Kind<F extends Fault> {
  happen(simulation: Simulation, fault: F): void;
  inWords(fault: F): string;
}

const kinds: { readonly [Type in Fault['type']]: Kind<Extract<Fault, { type: Type }>> } = {
  crash: {
    happen: (simulation, { node }) => on(simulation, node, (id) => simulation.crash(id)),
    inWords: ({ node }) => `crash ${node}`,
  },
  restart: {
    happen: (simulation, { node }) => on(simulation, node, (id) => restartIfDown(simulation, id)),
    inWords: ({ node }) => `restart ${node}`,
  },
  powerCut: {
    happen(simulation, { butNot }) {
      const away = find(simulation, butNot);
      for (const id of simulation.ids) simulation.crash(id);
      for (const id of simulation.ids) if (id !== away) restartIfDown(simulation, id);
    },
    inWords: ({ butNot }) => `power cut; ${butNot} stays away`,
  },
  restartAll: {
    happen(simulation) {
      for (const id of simulation.ids) restartIfDown(simulation, id);
    },
    inWords: () => 'restart all',
  },
  pause: {
    happen: (simulation, { node, ms }) => on(simulation, node, (id) => simulation.pause(id, ms)),
    inWords: ({ node, ms }) => `pause ${node} for ${ms} ms`,
  },
  clockRate: {
    happen: (simulation, { node, rate }) => on(simulation, node, (id) => simulation.setClockRate(id, rate)),
    inWords: ({ node, rate }) => `the clock of ${node} runs at ${rate.toFixed(3)}`,
  },
  partition: {
    happen: ({ network }, { groups }) => network.partition(...groups),
    inWords: ({ groups }) => `partition ${groups.map((group) => group.join(' ')).join(' | ')}`,
  },
  isolate: {
    happen: (simulation, { node }) =>
      on(simulation, node, (id) => {
        const others = simulation.ids.filter((other) => other !== id);
        simulation.network.partition([id], others);
      }),
    inWords: ({ node }) => `isolate ${node}`,
  },
  cut: {
    happen: (simulation, { from, to }) =>
      on(simulation, from, (a) => on(simulation, to, (b) => simulation.network.cut(a, b))),
    inWords: ({ from, to }) => `cut from ${from} to ${to}`,
  },
  heal: {
    happen: ({ network }) => network.heal(),
    inWords: () => 'heal',
  },
  network: {
    happen({ network }, fault) {
      network.conditions = { ...conditions.reliable, ...fault.conditions };
    },
    inWords: (fault) => `network ${JSON.stringify(fault.conditions)}`,
  },
  disk: {
    happen: (simulation, fault) =>
      on(simulation, fault.node, (id) => {
        simulation.disk(id).conditions = { ...reliableDisk, ...fault.conditions };
      }),
    inWords: (fault) => `disk of ${fault.node} ${JSON.stringify(fault.conditions)}`,
  },
  transfer: {
    happen: (simulation, { to }) => on(simulation, to, (id) => simulation.transferLeadership(id)),
    inWords: ({ to }) => `transfer leadership to ${to}`,
  },
};

/** Lets a fault happen now. */
export function inflict(simulation: Simulation, fault: Fault): void {
  const kind = kinds[fault.type] as Kind<Fault>; // the table's key says which
  kind.happen(simulation, fault);
}

/** A fault in words. */
export function describeFault(fault: Fault): string {
  const kind = kinds[fault.type] as Kind<Fault>; // likewise
  return kind.inWords(fault);
}

/**
 * Lets simulated time pass until `untilMs`, with the faults of the schedule that lie before, in its order; or until
 * `isOver`, looked at after each event. Returns whether that was so.
 */
export async function play(
  simulation: Simulation,
  schedule: readonly ScheduledFault[],
  untilMs: number,
  isOver: () => boolean = () => false,
): Promise<boolean> {
  const { clock } = simulation;
  for (const { atMs, fault } of schedule) {
    if (atMs < clock.now() || atMs >= untilMs) continue;
    if (await simulation.until(isOver, atMs - clock.now())) return true;
    inflict(simulation, fault);
  }
  return simulation.until(isOver, untilMs - clock.now());
}

function on(simulation: Simulation, whom: Whom, happen: (id: NodeId) => void): void {
  const id = find(simulation, whom);
  if (id !== undefined) happen(id);
}

function restartIfDown(simulation: Simulation, id: NodeId): void {
  const status = simulation.status(id);
  if (status && status.role !== 'stopped') return;
  const disk = simulation.disk(id);
  disk.conditions = { ...disk.conditions, writeFailures: 0 };
  simulation.restart(id);
}

function find(simulation: Simulation, whom: Whom): NodeId | undefined {
  if (whom === 'the leader') return simulation.leader();
  const { ids } = simulation;
  if (whom === 'the longest log' || whom === 'the shortest log') {
    const lastLogIndex = (id: NodeId) => simulation.status(id)?.lastLogIndex ?? 0;
    const byLog = [...ids].sort((a, b) => lastLogIndex(a) - lastLogIndex(b));
    return whom === 'the shortest log' ? byLog[0] : byLog.at(-1);
  }
  if (!ids.includes(whom)) throw new InvalidArgument(`There is no node ${whom} among ${ids.join(', ')}.`);
  return whom;
}
