/** What a part of the bench is, and what it has to say when it is done. */
import type { Bench } from './bench.ts';
import type { Ratio } from './measure/ratio.ts';
import type { Options } from './options.ts';
import type { Plot } from './report/plot.ts';

/** A promise of the project, and what became of it. */
export interface Claim {
  readonly what: string;
  readonly figure: Ratio;
  readonly target: { readonly atLeast: number } | { readonly atMost: number };
  /** Of the figure and the target; none: a ratio. */
  readonly unit?: 's' | 'ms';
  /** What would be better still. */
  readonly goal?: string;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CaseReport {
  readonly claims: readonly Claim[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** All that was measured, for the JSON. */
  readonly data: unknown;
}

export interface BenchCase {
  /** As `--only` has it. */
  readonly name: string;
  readonly title: string;
  /** How often it calls `bench.advance`. */
  steps(options: Options): number;
  run(bench: Bench): Promise<CaseReport>;
}
