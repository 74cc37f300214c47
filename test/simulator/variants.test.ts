/** The simulator proves itself: each broken rule is caught, by an invariant that it breaks. */
import { expect } from 'chai';
import { trial } from '../../runtime/simulation/soak/trial.ts';
import { planFor, variants } from '../../runtime/simulation/soak/variants.ts';

describe('the simulator catches a node that', () => {
  for (const { name, parts, breaks, seeds } of variants) {
    const [from, to] = seeds;
    it(`${name} (${from === to ? `seed ${from}` : `one of seeds ${from} to ${to}`})`, async () => {
      for (let seed = from; seed <= to; seed += 1) {
        const { violation } = await trial(planFor(seed, 5, name), parts);
        if (!violation) continue;
        expect(breaks, violation.what).to.include(violation.invariant);
        return;
      }
      expect.fail('None of them showed it.');
    });
  }
});
