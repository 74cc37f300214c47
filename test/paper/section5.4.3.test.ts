import { expect } from 'chai';
import { agreeOn, asInThePaper, clusterFrom, durableTerms } from './paperBench.ts';
import { type Story, storm } from './storm.ts';

// Section 5.4.3, safety argument: the properties of figure 3, under crashes, partitions and loss.
describe('5.4.3 under faults', () => {
  let stories: Story[];
  before(async () => {
    stories = [await storm(1, 10), await storm(2, 10)];
    for (const { elections, applied } of stories) {
      expect(elections.length, 'elections, or the rest shows nothing').to.be.above(3);
      expect(applied.size, 'entries applied, or the rest shows nothing').to.be.above(30);
    }
  });

  it('no term has two leaders (election safety)', () => {
    for (const { elections } of stories) {
      const terms = elections.map(({ term }) => term);
      expect(terms).to.deep.equal([...new Set(terms)]);
    }
  });

  it('a leader only ever appends to its log (leader append-only)', () => {
    expect(stories.flatMap(({ changed }) => changed)).to.deep.equal([]);
  });

  it('logs with an entry of one index and term are the same up to there (log matching)', () => {
    const termOf = (entry: string | undefined) => entry?.split(' ')[0];
    const differing: string[] = [];
    let compared = 0;
    for (const logs of stories.flatMap(({ moments }) => moments)) {
      for (const [i, one] of logs.entries()) {
        for (const other of logs.slice(i + 1)) {
          const matching = one.findLastIndex((entry, at) => termOf(entry) === termOf(other[at])) + 1;
          compared += matching;
          const difference = one.slice(0, matching).findIndex((entry, at) => entry !== other[at]);
          if (difference >= 0) differing.push(`entry ${difference + 1}, below a match at ${matching}`);
        }
      }
    }
    expect(compared).to.be.above(100);
    expect(differing).to.deep.equal([]);
  });

  it('who is elected has every entry that was committed before (leader completeness)', () => {
    const lacking = stories.flatMap(({ elections }) => elections.filter((one) => one.lacking.length > 0));
    expect(lacking).to.deep.equal([]);
  });

  it('no two servers apply different entries at an index (state machine safety)', () => {
    const differing = stories.flatMap(({ applied }) =>
      [...applied].filter(([, entries]) => entries.size > 1),
    );
    expect(differing).to.deep.equal([]);
  });

  it('every server applies in the order of the log, leaving nothing out', () => {
    expect(stories.flatMap(({ outOfOrder }) => outOfOrder)).to.deep.equal([]);
  });
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
