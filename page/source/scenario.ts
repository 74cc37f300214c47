/** What is simulated, as plain data: with it, and what was done to it, anyone sees the same again. */
import type { ClusterAction } from '../../runtime/observation/clusterAction.ts';

export type Scenario =
  /** Not simulated: the cluster that the server of the page tells of. */
  | { readonly kind: 'live' }
  | { readonly kind: 'sandbox'; readonly seed: number; readonly nodes: number }
  /** One of `stories`, by its name: a script of test/scenarios, or a scenario of the labs. */
  | { readonly kind: 'story'; readonly name: string }
  /** What a seed of the soak stands for; `steps`: only these faults of its schedule. */
  | {
      readonly kind: 'plan';
      readonly seed: number;
      readonly nodes: number;
      readonly variant?: string;
      readonly steps?: readonly number[];
    };

/** Something that was done, after so many events of the virtual clock, and at which time, ms. */
export interface ScheduledAction {
  readonly events: number;
  readonly atMs: number;
  readonly action: ClusterAction;
}

export interface SharedView {
  readonly scenario: Scenario;
  readonly actions: readonly ScheduledAction[];
  /** Where to look first, ms; null: at the beginning. */
  readonly time: number | null;
}
