/** One run of a plan: faults, healing, and what must hold all along and at the end. */

import { inflict, play, type ScheduledFault } from '../faults.ts';
import { type InvariantName, Watcher } from '../invariants/watcher.ts';
import { type Conditions, conditions } from '../network.ts';
import { reliableDisk } from '../simulatedDisk.ts';
import type { Parts } from '../simulatedNode.ts';
import { type Simulation, simulate } from '../simulation.ts';
import type { TraceRecord } from '../trace.ts';
import type { Plan } from './plan.ts';
import { Counter, type Tally } from './tally.ts';

export interface Verdict {
  readonly violation?: {
    /** progress: once healed, the cluster did not go on; error: a node ended with an error that nobody asked for. */
    readonly invariant: InvariantName | 'progress' | 'error';
    readonly what: string;
    readonly atMs: number;
  };
  readonly tally: Tally;
  /** How long the run was, ms of its clock. */
  readonly simulatedMs: number;
}

/** Within this time every node of a healed cluster applies something new, ms: a call may hang for seven seconds. */
export const progressWithinMs = 15_000;
/** The rest is silence, so that all logs become the same, ms. */
const quietMs = 2_000;

/** Makes someone who is told of everything that happens in a simulation. */
export type Listen = (simulation: Simulation) => (record: TraceRecord) => void;

export async function trial(plan: Plan, parts: Parts = {}, listen?: Listen): Promise<Verdict> {
  const simulation = simulate(plan.options, parts);
  const counter = new Counter();
  const tell = listen?.(simulation);
  const watcher = new Watcher(simulation, (record) => {
    counter.take(record);
    tell?.(record);
  });
  const counted = plan.schedule.map((scheduled) => countedFault(scheduled, counter));
  let error: unknown;
  let goesOn = true;
  try {
    const isViolated = () => watcher.violation !== undefined;
    if (!(await play(simulation, counted, plan.durationMs, isViolated))) {
      goesOn = await healsAndGoesOn(simulation, isViolated);
      if (goesOn) watcher.finish();
    }
  } catch (thrown) {
    error = thrown;
  }
  const atMs = simulation.clock.now();
  counter.finish(simulation.submitted);
  simulation.trace.onRecord = () => {};
  simulation.stop();
  const ran = { tally: counter.tally, simulatedMs: atMs };
  if (watcher.violation) return { violation: watcher.violation, ...ran };
  if (error) return { violation: { invariant: 'error', what: String(error), atMs }, ...ran };
  if (!goesOn) {
    const what = `a node of the healed cluster applied nothing new in ${progressWithinMs} ms`;
    return { violation: { invariant: 'progress', what, atMs }, ...ran };
  }
  return ran;
}

/** The same fault, counted when it happens. */
function countedFault({ atMs, fault }: ScheduledFault, counter: Counter): ScheduledFault {
  return {
    atMs,
    get fault() {
      counter.suffer(fault);
      return fault;
    },
  };
}

/** Mends all there is; whether every node then applies something new, in time. */
export async function healsAndGoesOn(simulation: Simulation, isOver: () => boolean): Promise<boolean> {
  const { ids, network } = simulation;
  const calm: Conditions = { ...conditions.reliable, hopMs: [1, 5] };
  network.conditions = calm;
  for (const id of ids) {
    simulation.disk(id).conditions = reliableDisk;
    simulation.setClockRate(id, 1);
  }
  inflict(simulation, { type: 'heal' });
  inflict(simulation, { type: 'restartAll' });
  // Not how long the logs are: a leader that was cut off may have a tail that nobody will ever commit.
  const reached = Math.max(...ids.map((id) => simulation.applied(id).lastApplied));
  const goesOn = () => ids.every((id) => simulation.applied(id).lastApplied > reached);
  const held = await simulation.until(() => isOver() || goesOn(), progressWithinMs);
  if (!isOver()) await simulation.until(isOver, quietMs);
  return held;
}
