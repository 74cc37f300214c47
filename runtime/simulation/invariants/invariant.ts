/** What must hold at every moment of a simulation. */
import type { Simulation } from '../simulation.ts';
import type { TraceRecord } from '../trace.ts';
import type { History } from './history.ts';

export interface Watch {
  /** Looks at a thing that happens, before the history takes it up; says what is wrong, or nothing. */
  look(record: TraceRecord): string | undefined;
  /** Compares everything once more at the end. */
  finish?(): string | undefined;
}

export type Invariant = (simulation: Simulation, history: History) => Watch;
