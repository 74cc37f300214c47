import { expect } from 'chai';
import { simulate } from 'xstate-raft/testing';
import { asInThePaper, bytes, paperNode, stand, watchLeaders } from './paperBench.ts';

// Section 5.2, leader election: split votes.
describe('5.2 election timeouts', () => {
  it('are drawn anew from their interval for each election', async () => {
    const bench = paperNode();
    const waits: number[] = [];
    for (let last = 0; waits.length < 12; ) {
      const at = await stand(bench);
      waits.push(at - last);
      last = at;
    }
    expect(Math.min(...waits)).to.be.at.least(300);
    expect(Math.max(...waits)).to.be.at.most(602);
    expect(Math.max(...waits) - Math.min(...waits), 'spread of twelve').to.be.above(150);
  });

  /** Elections of five servers from 8 seeds: the term in which each found its leader. */
  async function termsOfFirstLeaders(electionTimeoutMaxMs: number): Promise<number[]> {
    const terms: number[] = [];
    for (let seed = 0; seed < 8; seed += 1) {
      const raft = { ...asInThePaper, electionTimeoutMaxMs };
      const simulation = simulate({ nodes: 5, seed, raft, network: { hopMs: [10, 15] } });
      const { terms: led, look } = watchLeaders(simulation);
      const isLed = await simulation.until(() => look() || led.size > 0, 60_000);
      terms.push(simulation.status(simulation.leader() ?? '')?.term ?? Number.POSITIVE_INFINITY);
      simulation.stop();
      expect(isLed, `a leader with seed ${seed}`).to.equal(true);
    }
    return terms;
  }

  it('that hardly differ split the vote; such a term passes without a leader, and another follows', async () => {
    const terms = await termsOfFirstLeaders(310);
    expect(terms.filter((term) => term > 1).length, 'elections with a split vote').to.be.above(3);
  });

  it('that differ widely seldom split it', async () => {
    const terms = await termsOfFirstLeaders(900);
    expect(terms.filter((term) => term === 1).length, 'elections won in the first term').to.be.above(5);
    expect(Math.max(...terms)).to.be.at.most(3);
  });

  it('let nobody take over while the leader is heard', async () => {
    const simulation = simulate({ nodes: 5, seed: 3, raft: asInThePaper, network: { hopMs: [1, 20] } });
    await simulation.until(() => simulation.leader() !== undefined, 5000);
    const leader = simulation.leader() ?? '';
    const term = simulation.status(leader)?.term;
    simulation.propose(leader, bytes('a'));
    await simulation.run(10_000);
    const after = simulation.ids.map((id) => simulation.status(id));
    simulation.stop();
    for (const status of after) expect(status).to.include({ term, leader, lastApplied: 1 });
  });
});
