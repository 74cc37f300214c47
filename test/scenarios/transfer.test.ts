/** Handing leadership over on purpose. */
import { expect } from 'chai';
import { type Cluster, cluster } from 'xstate-raft/testing';

describe('leadership transfer', () => {
  let bench: Cluster;
  afterEach(() => bench.stop());

  /** How the transfer ended, after `ms` of simulated time at most. */
  async function ended(transfer: Promise<void>, ms: number): Promise<string | undefined> {
    const state: { end?: string } = {};
    transfer.then(
      () => Object.assign(state, { end: 'done' }),
      (error: { code: string }) => Object.assign(state, { end: error.code }),
    );
    await bench.until(() => state.end !== undefined, ms);
    return state.end;
  }

  it('moves leadership in a few round trips, to a server that has everything', async () => {
    bench = cluster(3);
    await bench.one('first', 3);
    const leader = await bench.checkOneLeader();
    const target = (leader + 1) % 3;
    for (let i = 0; i < 20; i += 1) bench.start(leader, `command ${i}`);
    const begun = bench.clock.now();
    expect(await ended(bench.raft(leader).transferLeadership(target), 1000)).to.equal('done');
    expect(bench.clock.now() - begun, 'ms without an election timeout').to.be.below(100);
    expect(bench.raft(target).getState().isLeader).to.equal(true);
    expect(bench.appliedAt(21).count, 'what was proposed before is kept').to.be.at.least(1);
    await bench.one('after', 3);
  });

  it('takes no proposals meanwhile, and leads on when the target does not answer', async () => {
    bench = cluster(3);
    await bench.one('first', 3);
    const leader = await bench.checkOneLeader();
    const target = (leader + 1) % 3;
    bench.disconnect(target);
    bench.start(leader, 'unknown to the target');
    const transfer = bench.raft(leader).transferLeadership(target);
    expect(bench.start(leader, 'refused').isLeader).to.equal(false);
    expect(await ended(transfer, 2000)).to.equal('TransferFailed');
    expect(bench.start(leader, 'taken again').isLeader).to.equal(true);
    bench.connect(target);
    await bench.one('last', 3);
  });

  it('is refused by a follower, and for nobody', async () => {
    bench = cluster(3);
    await bench.one('first', 3);
    const leader = await bench.checkOneLeader();
    expect(await ended(bench.raft((leader + 1) % 3).transferLeadership(leader), 1)).to.equal('NotLeader');
    expect(await ended(bench.raft(leader).transferLeadership(7), 1)).to.equal('InvalidArgument');
  });
});
