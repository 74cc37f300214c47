import { expect } from 'chai';
import type { InvariantName, Watcher } from '../../runtime/simulation/invariants/watcher.ts';
import { agreeOn, asInThePaper, clusterFrom, durableTerms } from './paperBench.ts';
import { storm } from './storm.ts';

// Section 5.4.3, safety argument: the properties of figure 3, under crashes, partitions and loss.
describe('5.4.3 under faults', () => {
  let watchers: Watcher[];
  before(async () => {
    const storms = [await storm(1, 12), await storm(2, 12)];
    for (const { tally } of storms) {
      expect(tally.elections, 'elections, or the rest shows nothing').to.be.above(3);
      expect(tally.committed, 'entries applied, or the rest shows nothing').to.be.above(30);
    }
    watchers = storms.map(({ watcher }) => watcher);
  });

  const statements: readonly (readonly [string, InvariantName])[] = [
    ['no term has two leaders (election safety)', 'electionSafety'],
    ['a leader only ever appends to its log (leader append-only)', 'leaderAppendOnly'],
    ['logs with an entry of one index and term are the same up to there (log matching)', 'logMatching'],
    ['who is elected has every entry that was committed before (leader completeness)', 'leaderCompleteness'],
    ['no two servers apply different entries at an index (state machine safety)', 'stateMachineSafety'],
    ['every server applies in the order of the log, leaving nothing out', 'appliedInOrder'],
  ];
  for (const [statement, invariant] of statements) {
    it(statement, () => {
      expect(watchers.flatMap(({ violations }) => violations.get(invariant) ?? [])).to.deep.equal([]);
    });
  }
});

// Section 5.4.3, safety argument: the voter that is in both majorities.
describe('5.4.3 when two of five fail after a commit', () => {
  it('the one of the three that are left that stores the entry is elected, and the entry stays', async () => {
    const given = (log: number[]) => ({ term: 2, log });
    const simulation = clusterFrom(
      { n1: given([1, 2]), n2: given([1, 2]), n3: given([1, 2]), n4: given([1]), n5: given([1]) },
      { raft: { ...asInThePaper, noopAtTermStart: true } },
    );
    for (const id of ['n1', 'n2']) simulation.crash(id);
    await simulation.until(() => simulation.leader() !== undefined, 20_000);
    expect(simulation.leader()).to.equal('n3');
    for (const id of ['n1', 'n2']) simulation.restart(id);
    const last = simulation.status('n3')?.lastLogIndex ?? 0;
    expect(await simulation.until(() => agreeOn(simulation, last), 5000), 'all applied the same').to.equal(
      true,
    );
    await simulation.run(10);
    for (const id of simulation.ids) expect(durableTerms(simulation, id).slice(0, 2)).to.deep.equal([1, 2]);
    simulation.stop();
  });
});
