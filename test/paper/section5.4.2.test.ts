import { expect } from 'chai';
import type { Simulation } from 'xstate-raft/testing';
import { entryOffsets, readEntryTerm } from '../../machines/entry.ts';
import { matched } from '../unit/runtime/nodeHarness.ts';
import {
  asInThePaper,
  bytes,
  clusterFrom,
  durableTerms,
  lastSent,
  lead,
  paperNode,
  reachOnly,
  stored,
  unmatched,
  untilLeads,
} from './paperBench.ts';

// Section 5.4.2, committing entries from previous terms.
describe('5.4.2 a leader', () => {
  it('does not take an entry of an earlier term for committed because a majority, or everyone, stores it', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    for (const peer of ['n2', 'n3']) bench.answer(peer, matched(3, 2, peer));
    await bench.pass(1000);
    expect(bench.node.status()).to.deep.include({ commitIndex: 0, matchIndex: { n2: 2, n3: 2 } });
  });

  it('commits it along with the first entry of its own term', async () => {
    const bench = paperNode(stored(2, [1, 2]));
    await lead(bench);
    bench.answer('n2', matched(3, 2));
    bench.node.propose(bytes('own'));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(0);
    bench.answer('n2', matched(3, 3));
    await bench.pass(1);
    expect(bench.node.log.commitIndex).to.equal(3);
  });

  it('sends entries of earlier terms on with the terms that they were made in', async () => {
    const bench = paperNode(stored(5, [1, 2, 2, 4]));
    await lead(bench);
    for (let refusals = 0; refusals < 4; refusals += 1) {
      bench.answer('n2', unmatched(6));
      await bench.pass(0);
    }
    const { term, prevLogIndex, entries } = lastSent(bench, 'appendEntries', 'n2');
    const terms = entryOffsets(entries.bytes, 1).map((offset) => readEntryTerm(entries.bytes, offset));
    expect({ term, prevLogIndex, terms }).to.deep.equal({ term: 6, prevLogIndex: 0, terms: [1, 2, 2, 4] });
  });
});

// Section 5.4.2, committing entries from previous terms: figure 8, from the moment before (c).
describe('figure 8', () => {
  let simulation: Simulation;
  afterEach(() => simulation.stop());

  /**
   * s1 led term 2 and gave its entry to s2 alone; s5 led term 3, by the votes of s3 and s4, and gave its entry to
   * nobody. Now s1 is elected to term 4 by s2 and s3, while s4 and s5 are not there.
   */
  async function moment(): Promise<void> {
    simulation = clusterFrom(
      {
        s1: { term: 3, log: [1, 2] },
        s2: { term: 3, log: [1, 2] },
        s3: { term: 3, votedFor: 's5', log: [1] },
        s4: { term: 3, votedFor: 's5', log: [1] },
        s5: { term: 3, votedFor: 's5', log: [1, 3] },
      },
      { raft: { ...asInThePaper, preVote: true } },
    );
    reachOnly(simulation, 's1');
    for (const id of ['s4', 's5']) simulation.network.disconnect(id);
    await untilLeads(simulation, 's1');
    await simulation.run(300);
  }

  /** s1 is gone, and all messages go from or to s5. */
  async function handOver(): Promise<void> {
    simulation.crash('s1');
    reachOnly(simulation, 's5');
    simulation.network.disconnect('s1');
  }

  it('(c) an entry of term 2 that term 4 brings to a majority is not committed', async () => {
    await moment();
    expect(['s1', 's2', 's3'].map((id) => durableTerms(simulation, id))).to.deep.equal([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(simulation.status('s1')).to.include({ role: 'leader', term: 4, commitIndex: 0 });
  });

  it('(d) it is lost if s5 is elected next, which nobody minds, since nobody applied it', async () => {
    await moment();
    await handOver();
    await untilLeads(simulation, 's5');
    simulation.propose('s5', bytes('of term 5'));
    await simulation.run(500);
    simulation.restart('s1');
    simulation.network.connect('s1');
    await simulation.run(1000);
    expect(simulation.status('s5')).to.include({ role: 'leader', term: 5, commitIndex: 3 });
    for (const id of simulation.ids) {
      expect(durableTerms(simulation, id), id).to.deep.equal([1, 3, 5]);
      expect(simulation.applied(id), id).to.deep.equal(simulation.applied('s5'));
    }
  });

  it('(e) with an entry of term 4 on a majority both are committed, and s5 cannot be elected any more', async () => {
    await moment();
    simulation.propose('s1', bytes('of term 4'));
    await simulation.run(500);
    expect(simulation.status('s1')).to.include({ role: 'leader', commitIndex: 3 });
    await handOver();
    await simulation.run(5000);
    expect(simulation.leader(), 'elected while only s5 could ask all others').to.equal(undefined);
    reachOnly(simulation, 's2');
    simulation.network.disconnect('s1');
    await untilLeads(simulation, 's2');
    simulation.propose('s2', bytes('of a later term'));
    await simulation.run(1000);
    for (const id of ['s2', 's3', 's4', 's5']) {
      expect(durableTerms(simulation, id).slice(0, 3), id).to.deep.equal([1, 2, 4]);
      expect(simulation.applied(id).lastApplied, id).to.equal(4);
    }
  });
});
