/** Whole clusters under drawn faults: what must hold holds at every step, and a healed cluster goes on. */
import { expect } from 'chai';
import { planOf } from '../../runtime/simulation/soak/plan.ts';
import { addTally, emptyTally, mustBeMet } from '../../runtime/simulation/soak/tally.ts';
import { trial } from '../../runtime/simulation/soak/trial.ts';

describe('a cluster under faults', () => {
  const sum = emptyTally();

  for (let seed = 1; seed <= 8; seed += 1) {
    it(`keeps what must hold, and goes on when it is healed (seed ${seed})`, async () => {
      const plan = planOf(seed);
      expect(plan.schedule.length, 'faults').to.be.at.least(10);
      const { violation, tally } = await trial(plan);
      expect(violation).to.equal(undefined);
      expect(tally.submitted, 'commands').to.be.at.least(200);
      addTally(sum, tally);
    });
  }

  it('has met all that it is meant to meet', () => {
    for (const what of mustBeMet) expect(sum[what], what).to.be.above(0);
  });
});
