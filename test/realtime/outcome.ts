/** What came out of one repetition of a part, and what its process says on the way. */
import type { Figures } from '../reporter/figures.ts';
import type { Part } from './parts.ts';

/** One repetition of a part. */
export interface Task {
  readonly part: Part;
  readonly seed: number;
}

export interface Failure {
  readonly scenario: string;
  readonly message: string;
}

/** Said by the process of a repetition, over its channel. */
export type Saying =
  | { readonly type: 'passed'; readonly scenario: string; readonly figures: Figures }
  | ({ readonly type: 'failed' } & Failure)
  | ({ readonly type: 'ended' } & Usage);

export interface Usage {
  /** From before the first test to after the last, on the real clock. */
  readonly seconds: number;
  /** Of all threads, user and system, in the same time. */
  readonly cpuSeconds: number;
  /** The same with the start of Node and the compilation of TypeScript. */
  readonly processCpuSeconds: number;
}

export interface Outcome extends Task {
  readonly figures: ReadonlyMap<string, Figures>;
  readonly failures: readonly Failure[];
  /** undefined: the process ended before it could say. */
  readonly usage: Usage | undefined;
}

/** What a shell is told to see a repetition again. */
export function replayOf({ part, seed }: Task): string {
  return `npm run test:realtime -- --part ${part} --seed ${seed}`;
}
