import { expect } from 'chai';
import { entriesRequest, record } from '../unit/runtime/nodeHarness.ts';
import { ask, indexesOf, paperNode, stored, termsOf } from './paperBench.ts';

// Section 5.3, log replication: figure 2, "AppendEntries RPC", receiver.
describe('5.3 a follower', () => {
  for (const [previous, why, success] of [
    [[0, 0], 'at the beginning of its log', true],
    [[3, 4], 'behind its last entry', true],
    [[2, 1], 'behind an earlier entry that agrees', true],
    [[4, 4], 'behind an entry that it lacks', false],
    [[3, 3], 'behind an entry that it has of a higher term', false],
    [[2, 4], 'behind an entry that it has of a lower term', false],
  ] as const) {
    it(`${success ? 'takes' : 'refuses'} entries ${why}`, async () => {
      const bench = paperNode(stored(4, [1, 1, 4]));
      const reply = await ask(bench, entriesRequest(4, previous, [4]));
      expect(reply).to.include({ success, matchIndex: success ? previous[0] + 1 : 0 });
      expect(termsOf(bench)).to.deep.equal(success ? [...[1, 1, 4].slice(0, previous[0]), 4] : [1, 1, 4]);
    });
  }

  it('checks a heartbeat as it checks entries', async () => {
    const bench = paperNode(stored(4, [1, 1, 4]));
    expect(await ask(bench, entriesRequest(4, [3, 4]))).to.include({ success: true, matchIndex: 3 });
    expect(await ask(bench, entriesRequest(4, [5, 4]))).to.include({ success: false });
  });

  it('drops an entry that conflicts and all that follow it, and takes the new ones', async () => {
    const bench = paperNode(stored(2, [1, 1, 2, 2, 2]));
    await ask(bench, entriesRequest(3, [2, 1], [3]));
    expect(termsOf(bench)).to.deep.equal([1, 1, 3]);
    const [write] = bench.disk.groups.filter(({ truncateFrom }) => truncateFrom !== undefined);
    expect(write).to.include({ truncateFrom: 3 });
    expect(write?.entries).to.include({ firstIndex: 3, count: 1 });
  });

  it('keeps what agrees: entries that it has are not written again, and none behind them is dropped', async () => {
    const bench = paperNode(stored(2, [1, 1, 2, 2]));
    expect(await ask(bench, entriesRequest(2, [1, 1], [1, 2]))).to.include({ success: true, matchIndex: 3 });
    expect(termsOf(bench)).to.deep.equal([1, 1, 2, 2]);
    expect(bench.disk.groups).to.deep.equal([]);
  });

  it('takes of a request what it lacks', async () => {
    const bench = paperNode(stored(2, [1, 1]));
    await ask(bench, entriesRequest(2, [0, 0], [1, 1, 2, 2]));
    expect(termsOf(bench)).to.deep.equal([1, 1, 2, 2]);
    expect(bench.disk.groups.at(-1)?.entries).to.include({ firstIndex: 3, count: 2 });
  });

  it('applies entries in the order of the log once it learns that they are committed', async () => {
    const bench = paperNode(stored(1));
    const applied = record(bench.node.streams.apply$);
    await ask(bench, entriesRequest(1, [0, 0], [1, 1, 1]));
    expect(indexesOf(applied)).to.deep.equal([]);
    await ask(bench, entriesRequest(1, [3, 1], [], { leaderCommit: 2 }));
    expect(indexesOf(applied)).to.deep.equal([1, 2]);
    await ask(bench, entriesRequest(1, [3, 1], [], { leaderCommit: 3 }));
    expect(indexesOf(applied)).to.deep.equal([1, 2, 3]);
  });

  it('takes nothing for committed beyond the last entry that the request vouches for', async () => {
    const bench = paperNode(stored(2, [1, 1, 1, 1]));
    await ask(bench, entriesRequest(2, [1, 1], [1], { leaderCommit: 4 }));
    expect(bench.node.log.commitIndex).to.equal(2);
  });

  it('takes no word of a request that it refuses for committed', async () => {
    const bench = paperNode(stored(2, [1, 1]));
    await ask(bench, entriesRequest(2, [2, 2], [], { leaderCommit: 2 }));
    expect(bench.node.log.commitIndex).to.equal(0);
  });

  it('never takes a commit back', async () => {
    const bench = paperNode(stored(1, [1, 1, 1]));
    await ask(bench, entriesRequest(1, [3, 1], [], { leaderCommit: 3 }));
    await ask(bench, entriesRequest(2, [3, 1], [], { leaderCommit: 1, from: 'n3' }));
    expect(bench.node.log.commitIndex).to.equal(3);
  });

  it('names with a refusal the term in the way and its first index, or the end of a log that is short', async () => {
    const bench = paperNode(stored(4, [1, 2, 2, 4]));
    expect(await ask(bench, entriesRequest(5, [3, 3]))).to.include({ conflictTerm: 2, conflictIndex: 2 });
    expect(await ask(bench, entriesRequest(5, [9, 5]))).to.include({ conflictTerm: 0, conflictIndex: 5 });
  });
});
