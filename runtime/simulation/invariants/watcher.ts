/** All that must hold, watched together. */
import type { Simulation } from '../simulation.ts';
import type { TraceRecord } from '../trace.ts';
import { appliedInOrder } from './appliedInOrder.ts';
import { committedIsDurable } from './committedIsDurable.ts';
import { durableBeforeSaid } from './durableBeforeSaid.ts';
import { durableStateAdvances } from './durableStateAdvances.ts';
import { electedByMajority } from './electedByMajority.ts';
import { electionSafety } from './electionSafety.ts';
import { History } from './history.ts';
import type { Watch } from './invariant.ts';
import { leaderAppendOnly } from './leaderAppendOnly.ts';
import { leaderCompleteness } from './leaderCompleteness.ts';
import { linearizableReads } from './linearizableReads.ts';
import { logMatching } from './logMatching.ts';
import { ownTermCommits } from './ownTermCommits.ts';
import { stateMachineSafety } from './stateMachineSafety.ts';

export const invariants = {
  ...{ electionSafety, leaderAppendOnly, logMatching, leaderCompleteness, stateMachineSafety },
  ...{ appliedInOrder, durableBeforeSaid, durableStateAdvances, committedIsDurable, ownTermCommits },
  ...{ electedByMajority, linearizableReads },
};

export type InvariantName = keyof typeof invariants;

export interface Violation {
  readonly invariant: InvariantName;
  /** In words. */
  readonly what: string;
  /** Simulated ms. */
  readonly atMs: number;
}

/** Watches a simulation from now on, which has not run yet. */
export class Watcher {
  /** The first of each invariant, in the order in which they came. */
  readonly violations = new Map<InvariantName, Violation>();
  readonly #simulation: Simulation;
  readonly #watches: readonly (readonly [InvariantName, Watch])[];

  constructor(simulation: Simulation, alsoTell: (record: TraceRecord) => void = () => {}) {
    this.#simulation = simulation;
    const history = new History(simulation);
    this.#watches = Object.entries(invariants).map(
      ([name, watch]) => [name as InvariantName, watch(simulation, history)], // the keys are just these
    );
    simulation.trace.onRecord = (record) => {
      for (const [name, watch] of this.#watches) this.#note(name, watch.look(record));
      history.take(record);
      alsoTell(record);
    };
  }

  /** The full comparison, when nothing happens any more. */
  finish(): void {
    for (const [name, watch] of this.#watches) this.#note(name, watch.finish?.());
  }

  /** The first of all. */
  get violation(): Violation | undefined {
    const [first] = this.violations.values();
    return first;
  }

  #note(invariant: InvariantName, what: string | undefined): void {
    if (what === undefined || this.violations.has(invariant)) return;
    this.violations.set(invariant, { invariant, what, atMs: this.#simulation.clock.now() });
  }
}
