import { expect } from 'chai';
import { voteRequest } from '../unit/runtime/nodeHarness.ts';
import {
  asInThePaper,
  ask,
  clusterFrom,
  durableTerms,
  lastSent,
  paperNode,
  stand,
  stored,
  watchLeaders,
} from './paperBench.ts';

// Section 5.4.1, election restriction.
describe('5.4.1 a voter whose log ends at 3 in term 3', () => {
  for (const [lastLogIndex, lastLogTerm, voteGranted, why] of [
    [3, 3, true, 'is the same'],
    [4, 3, true, 'is longer, of the same last term'],
    [2, 3, false, 'is shorter, of the same last term'],
    [1, 4, true, 'is shorter, of a later last term'],
    [9, 2, false, 'is longer, of an earlier last term'],
    [0, 0, false, 'is empty'],
  ] as const) {
    it(`${voteGranted ? 'votes for' : 'refuses'} a candidate whose log ${why}`, async () => {
      const bench = paperNode(stored(4, [1, 3, 3]));
      const reply = await ask(bench, voteRequest(5, { lastLogIndex, lastLogTerm }));
      expect(reply).to.include({ voteGranted, term: 5 });
      expect(bench.disk.hardState).to.deep.equal({ term: 5, votedFor: voteGranted ? 'n2' : null });
    });
  }

  it('still has its vote after a refusal', async () => {
    const bench = paperNode(stored(4, [1, 3, 3]));
    await ask(bench, voteRequest(5));
    const other = voteRequest(5, { from: 'n3', lastLogIndex: 3, lastLogTerm: 3 });
    expect(await ask(bench, other)).to.include({ voteGranted: true });
  });
});

// Section 5.4.1, election restriction.
describe('5.4.1 a candidate', () => {
  it('says with its request where its log ends', async () => {
    const bench = paperNode(stored(6, [1, 3, 5, 5]));
    await stand(bench);
    expect(lastSent(bench, 'requestVote')).to.include({ lastLogIndex: 4, lastLogTerm: 5 });
  });

  it('that lacks what a majority stores is elected by no majority, however high its term', async () => {
    const simulation = clusterFrom(
      {
        n1: { term: 1, log: [1] },
        n2: { term: 1, log: [1, 1] },
        n3: { term: 1, log: [1, 1] },
      },
      { raft: asInThePaper },
    );
    simulation.network.disconnect('n1');
    await simulation.run(10_000);
    const returning = simulation.status('n1')?.term ?? 0;
    expect(returning, 'term of the one that stood alone').to.be.above(10);
    simulation.network.connect('n1');
    const { terms, look } = watchLeaders(simulation);
    await simulation.until(look, 4000);
    simulation.stop();
    const leaders = [...terms.values()].flatMap((led) => [...led]);
    expect(leaders).not.to.be.empty.and.not.to.include('n1');
    expect(simulation.disk(simulation.ids[0] ?? '').recovered.term).to.be.above(returning);
    expect(durableTerms(simulation, 'n1')).to.deep.equal([1, 1]);
  });

  it('that is elected has all that was committed, without being sent anything', async () => {
    const given = (log: number[]) => ({ term: 2, log });
    const all = { n1: given([1]), n2: given([1]), n3: given([1, 2]), n4: given([1, 2]), n5: given([1, 2]) };
    const leaders: string[] = [];
    for (let seed = 0; seed < 8; seed += 1) {
      const simulation = clusterFrom(all, { seed, raft: asInThePaper, network: { hopMs: [5, 25] } });
      await simulation.until(() => simulation.leader() !== undefined, 20_000);
      const leader = simulation.leader() ?? '';
      leaders.push(leader);
      expect(simulation.status(leader)?.lastLogIndex, `log of ${leader}, seed ${seed}`).to.equal(2);
      simulation.stop();
    }
    expect(new Set(leaders).size, 'different leaders').to.be.above(1);
    expect(leaders.filter((id) => id === 'n1' || id === 'n2')).to.deep.equal([]);
  });
});
