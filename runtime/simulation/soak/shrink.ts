/** Finds the fewest faults of a plan that still break what the whole plan broke (delta debugging). */
import type { Plan } from './plan.ts';
import type { Verdict } from './trial.ts';

/** Runs are long: after so many the smallest schedule found so far has to do. */
const trialsMax = 200;

/** Places in the plan's schedule, in order. */
export type Steps = readonly number[];

export function keepSteps(plan: Plan, steps: Steps): Plan {
  return { ...plan, schedule: steps.flatMap((step) => plan.schedule[step] ?? []) };
}

/** `fails`: whether the plan with these steps alone breaks the same invariant. `onTrial` hears of each attempt. */
export async function shrink(
  plan: Plan,
  violation: NonNullable<Verdict['violation']>,
  fails: (plan: Plan) => Promise<boolean>,
  onTrial: (left: number) => void = () => {},
): Promise<Steps> {
  // What came after the violation cannot have caused it.
  let steps: Steps = plan.schedule.flatMap(({ atMs }, step) => (atMs <= violation.atMs ? [step] : []));
  let trials = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < steps.length && trials < trialsMax; ) {
      const without = steps.filter((_, place) => place < from || place >= from + size);
      trials += 1;
      onTrial(without.length);
      if (await fails(keepSteps(plan, without))) steps = without;
      else from += size;
    }
  }
  return steps;
}
