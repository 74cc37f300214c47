/** A process of the soak: it is sent seeds, one at a time, and says what came out of each. */
import { planOf } from '../simulator/plan.ts';
import { trial, type Verdict } from '../simulator/trial.ts';
import { partsOf } from '../simulator/variants.ts';

export interface Errand {
  readonly seed: number;
  readonly nodes: number;
  readonly variant?: string;
}

export interface Outcome extends Verdict {
  readonly seed: number;
}

process.on('message', async ({ seed, nodes, variant }: Errand) => {
  const outcome: Outcome = { seed, ...(await trial(planOf(seed, nodes), partsOf(variant))) };
  process.send?.(outcome);
});
