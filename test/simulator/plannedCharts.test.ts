/** Charts that are run by a plan decide as those that XState runs: the whole trace is the same. */
import { expect } from 'chai';
import { play, simulate } from 'xstate-raft/testing';
import { planOf } from '../../runtime/simulation/soak/plan.ts';
import type { Parts } from '../../runtime/testing.ts';

/** The hash holds every transition of every actor, every message and every write, with its time. */
async function traceOf(seed: number, parts: Parts): Promise<string> {
  const { options, schedule } = planOf(seed, 5);
  const simulation = simulate(options, parts);
  await play(simulation, schedule, 10_000);
  simulation.stop();
  return simulation.trace.hash();
}

describe('a cluster under faults', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`leaves one trace, by a plan and by XState's interpreter (seed ${seed})`, async () => {
      const byPlan = await traceOf(seed, {});
      expect(await traceOf(seed, { charts: { areRunByPlan: false } })).to.equal(byPlan);
      expect(await traceOf(seed + 100, {}), 'of another seed').not.to.equal(byPlan);
    });
  }
});
