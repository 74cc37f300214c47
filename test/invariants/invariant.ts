/** What must hold at every moment of a simulation. */
import type { Simulation, TraceRecord } from 'xstate-raft/testing';

/** Looks at each thing that happens; says what is wrong, or nothing. */
export type Invariant = (simulation: Simulation) => {
  /** A node lost its memory: what it applies begins anew, from its snapshot. */
  restarted?(node: string): void;
  look(record: TraceRecord): string | undefined;
};
