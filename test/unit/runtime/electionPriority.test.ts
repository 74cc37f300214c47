/** Who stands first: a node's priority moves the range that its election timeout is drawn from. */
import { expect } from 'chai';
import { harness } from './nodeHarness.ts';

/** How long a node that hears nobody waits until it stands, and until it stands again, ms. */
async function standsAt(electionPriority?: number): Promise<number[]> {
  const priority = electionPriority === undefined ? {} : { electionPriority };
  const { clock, node, disk } = harness({}, { preVote: false, ...priority });
  disk.isFast = true;
  const times: number[] = [];
  for (let term = 1; term <= 8; term += 1) {
    await clock.run(20_000, () => node.term >= term);
    times.push(clock.now());
  }
  return times.map((time, i) => time - (times[i - 1] ?? 0));
}

describe('election priority', () => {
  for (const [priority, min, max] of [
    [undefined, 300, 600],
    [1, 300, 600],
    [0.5, 450, 750],
    [0, 600, 900],
  ] as const) {
    it(`of ${priority ?? 'none'}: stands after ${min} to ${max} ms of silence, each time`, async () => {
      for (const ms of await standsAt(priority)) expect(ms).to.be.within(min, max + 1);
    });
  }

  it('is from 0 to 1', () => {
    for (const electionPriority of [-1, 1.5, Number.NaN]) {
      expect(() => harness({}, { electionPriority })).to.throw(`electionPriority is ${electionPriority}`);
    }
  });
});
