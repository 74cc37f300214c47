/** A process of the soak: it is sent seeds, one at a time, and says what came out of each. */
import { trial, type Verdict } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';

export interface Errand {
  readonly seed: number;
  readonly nodes: number;
  readonly variant?: string;
}

export interface Outcome extends Verdict {
  readonly seed: number;
}

process.on('message', async ({ seed, nodes, variant }: Errand) => {
  const outcome: Outcome = { seed, ...(await trial(planFor(seed, nodes, variant), partsOf(variant))) };
  process.send?.(outcome);
});
