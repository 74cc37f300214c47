import { expect } from 'chai';
import { type Plan, planOf } from '../../../runtime/simulation/soak/plan.ts';
import { keepSteps, type Steps, shrink } from '../../../runtime/simulation/soak/shrink.ts';

describe('shrink', () => {
  const plan = planOf(1);
  const steps = plan.schedule.map((_, step) => step);
  const violation = { invariant: 'electionSafety', what: '', atMs: 60_000 } as const;

  /** Where each fault that is left stood in the whole plan. */
  const stepsOf = ({ schedule }: Plan): Steps => schedule.map((fault) => plan.schedule.indexOf(fault));

  it('leaves the faults that it takes, wherever they stand', async () => {
    for (const needed of [[3], [0, 1, 2], [2, 9, steps.length - 1], []]) {
      const fails = async (smaller: Plan) => needed.every((step) => stepsOf(smaller).includes(step));
      expect(await shrink(plan, violation, fails)).to.deep.equal(needed);
    }
  });

  it('tries nothing that came after the violation', async () => {
    const atMs = plan.schedule[10]?.atMs ?? 0;
    const tried: number[] = [];
    await shrink(plan, { ...violation, atMs }, async (smaller) => {
      tried.push(...stepsOf(smaller));
      return false;
    });
    expect(Math.max(...tried)).to.equal(10);
  });

  it('keeps the whole schedule if each of its faults is needed, and ends', async () => {
    expect(await shrink(plan, violation, async () => false)).to.deep.equal(steps);
  });

  it('gives steps that make the same plan again', () => {
    expect(keepSteps(plan, steps)).to.deep.equal(plan);
    expect(stepsOf(keepSteps(plan, [4, 7]))).to.deep.equal([4, 7]);
  });
});
