import { expect } from 'chai';
import type { Simulation } from 'xstate-raft/testing';
import {
  agreeOn,
  bytes,
  clusterFrom,
  type Delivery,
  deliveriesOf,
  durableTerms,
  reachOnly,
  untilLeads,
} from './paperBench.ts';

const leaderLog = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
const followers = {
  a: { log: [1, 1, 1, 4, 4, 5, 5, 6, 6], story: 'lacks an entry' },
  b: { log: [1, 1, 1, 4], story: 'lacks many entries' },
  c: { log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6], story: 'has one more of an earlier term' },
  d: { log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7], story: 'has two of a term that the leader never saw' },
  e: { log: [1, 1, 1, 4, 4, 4, 4], story: 'lacks entries and has others in their place' },
  f: { log: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], story: 'led two terms of which nothing was committed' },
} as const;

// Section 5.3, log replication: figure 7, a leader of term 8 and the followers that it may find.
describe('figure 7', () => {
  let simulation: Simulation;
  let deliveries: Delivery[];

  before(async () => {
    const given = Object.fromEntries(
      Object.entries(followers).map(([id, { log }]) => [id, { term: 7, log }]),
    );
    // With pre-vote, so that no term passes while the others fail to be elected.
    simulation = clusterFrom({ leader: { term: 7, log: leaderLog }, ...given });
    reachOnly(simulation, 'leader');
    // They would not vote for it: the last term of the one is higher, the log of the other longer.
    for (const id of ['c', 'd']) simulation.network.disconnect(id);
    await untilLeads(simulation, 'leader');
    deliveries = deliveriesOf(simulation);
    for (const id of ['c', 'd']) simulation.network.connect(id);
    simulation.propose('leader', bytes('x'));
    await simulation.until(() => agreeOn(simulation, 11), 5000);
    // What is known to be committed is applied while the own disk still writes it.
    await simulation.run(10);
  });
  after(() => simulation.stop());

  it('the leader of term 8 is elected by a, b, e and f, and keeps its log as it was', () => {
    expect(simulation.status('leader')).to.include({ role: 'leader', term: 8, commitIndex: 11 });
    expect(durableTerms(simulation, 'leader')).to.deep.equal([...leaderLog, 8]);
  });

  for (const [id, { story }] of Object.entries(followers)) {
    it(`the follower ${id}, which ${story}, ends with the leader's log`, () => {
      expect(durableTerms(simulation, id)).to.deep.equal([...leaderLog, 8]);
      expect(simulation.applied(id)).to.deep.equal(simulation.applied('leader'));
    });
  }

  it('the leader is refused once a term, not once an entry', () => {
    const refusals = (id: string) =>
      deliveries.filter(
        ({ from, message }) => from === id && message.type === 'appendEntriesReply' && !message.success,
      ).length;
    expect(refusals('d')).to.equal(0);
    expect(refusals('e'), 'of e').to.be.at.most(2);
    expect(refusals('f'), 'of f').to.be.within(1, 3);
  });
});
