/** Keys expire on a cluster in simulated time: an idle one, and one whose leaders' clocks disagree. */
import { expect } from 'chai';
import { type KvCluster, kvCluster } from 'xstate-raft/testing';
import { deadlineCheckMsMax, expiredPerEntryMax } from '../../../kv/limits.ts';
import { OperationCode } from '../../../kv/operation.ts';
import { operation } from './applied.ts';
import { KvClient } from './kvClient.ts';

const { put, append, get, pttl, pexpiretime } = OperationCode;

describe('keys with deadlines on a cluster', () => {
  let bench: KvCluster;
  let client: KvClient;
  afterEach(() => {
    client.close();
    bench.stop();
  });

  async function cluster(size: number, options: Parameters<typeof kvCluster>[1] = {}): Promise<number> {
    bench = kvCluster(size, options);
    client = new KvClient(bench);
    return leader();
  }

  async function leader(): Promise<number> {
    await bench.clock.run(bench.clock.now() + 10_000, () => bench.leader() !== undefined);
    return bench.leader() ?? 0;
  }

  const servers = () => Array.from({ length: bench.size }, (_, i) => i);
  const indexes = (what: 'lastLogIndex' | 'lastApplied') => servers().map((i) => bench.status(i)?.[what]);

  it('are gone on an idle cluster: log time passes the deadline on every replica without a client', async () => {
    await cluster(3);
    await client.do(put, 'k', 'v', 'PX', '1000');
    await bench.sleep(500);
    const before = indexes('lastApplied');
    await bench.sleep(450);
    expect(indexes('lastApplied'), 'before the deadline').to.deep.equal(before);
    await bench.sleep(200);
    const after = before.map((index) => (index ?? 0) + 1);
    expect(indexes('lastApplied'), 'one tick behind the deadline').to.deep.equal(after);
    expect(await client.do(get, 'k')).to.equal(null);
    await bench.sleep(5000);
    expect(indexes('lastLogIndex'), 'nothing more').to.deep.equal(after);
  });

  it('have their ticks one after another, also those set while another is awaited', async () => {
    await cluster(3);
    await client.do(put, 'late', 'v', 'PX', '9000');
    await client.do(put, 'soon', 'v', 'PX', '1000');
    const before = bench.status(0)?.lastApplied ?? 0;
    await bench.sleep(1300);
    expect(bench.status(0)?.lastApplied).to.equal(before + 1);
    expect([await client.do(get, 'soon'), await client.do(get, 'late')]).to.deep.equal([null, 'v']);
    await bench.sleep(8000);
    expect(bench.status(0)?.lastApplied).to.equal(before + 2);
    expect(await client.do(get, 'late')).to.equal(null);
  });

  it('that share a deadline give their memory back in ticks, without a client', async () => {
    await cluster(3);
    const deadline = String(bench.timeOfDay(0) + 2000);
    const puts = Array.from({ length: 700 }, (_, i) => operation(put, `k${i}`, 'v', 'PXAT', deadline));
    await client.pipeline(puts);
    const before = bench.status(0)?.lastApplied ?? 0;
    await bench.sleep(3000);
    expect(bench.status(0)?.lastApplied).to.equal(before + Math.ceil(700 / expiredPerEntryMax));
  });

  it('are gone soon when the clock of the leader is set ahead', async () => {
    const skew = [0, 0, 0];
    await cluster(3, { clockSkewMs: skew });
    await client.do(put, 'k', 'v', 'PX', '3600000');
    const before = bench.status(0)?.lastApplied ?? 0;
    skew.fill(3_600_000);
    await bench.sleep(deadlineCheckMsMax + 200);
    expect(bench.status(0)?.lastApplied).to.equal(before + 1);
  });

  it('are gone in time though the leader crashes, and the tick is then its follower’s', async () => {
    const first = await cluster(3);
    await client.do(put, 'k', 'v', 'PX', '2000');
    bench.crash(first);
    const before = bench.status((first + 1) % 3)?.lastApplied ?? 0;
    await bench.sleep(2500);
    const second = await leader();
    expect(second).not.to.equal(first);
    // The entry that opened the term, and the tick.
    expect(bench.status(second)?.lastApplied).to.be.at.least(before + 2);
    expect(await client.do(get, 'k')).to.equal(null);
  });

  it('stay longer by the skew where the new leader’s clock is behind: time stands, and never runs back', async () => {
    const skew = [0, 0, 0];
    const first = await cluster(3, { clockSkewMs: skew });
    await client.do(put, 'k', 'v', 'PX', '3000');
    const deadline = Number(await client.do(pexpiretime, 'k'));
    bench.crash(first);
    for (const i of servers()) if (i !== first) skew[i] = -10_000;
    const second = await leader();
    await bench.sleep(500);
    expect(await client.do(append, 'k', '!')).to.equal(2);
    // Log time stands where the first leader left it: the time left is no longer than it was given.
    expect(await client.do(pttl, 'k')).to.be.within(1, 3000);
    await client.do(put, 'new', 'v', 'PX', '1000');
    expect(await client.do(pexpiretime, 'new'), 'by log time, which does not run back').to.be.above(
      deadline - 3000,
    );
    await bench.sleep(5000);
    expect(await client.do(get, 'k')).to.equal('v!');
    await bench.clock.run(bench.clock.now() + 20_000, () => bench.timeOfDay(second) >= deadline);
    await bench.sleep(100);
    expect(await client.do(get, 'k')).to.equal(null);
  });

  it('go earlier by the skew at most where the new leader’s clock is ahead', async () => {
    const skew = [0, 0, 0];
    const first = await cluster(3, { clockSkewMs: skew });
    await client.do(put, 'sooner', 'v', 'PX', '9000');
    await client.do(put, 'later', 'v', 'PX', '30000');
    bench.crash(first);
    for (const i of servers()) if (i !== first) skew[i] = 10_000;
    await leader();
    await bench.sleep(500);
    expect(await client.do(get, 'sooner')).to.equal(null);
    expect(await client.do(get, 'later')).to.equal('v');
    expect(await client.do(pttl, 'later')).to.be.within(10_000, 20_000);
  });

  it('that were gone once are not back, though the next leader’s clock is behind', async () => {
    const skew = [5000, 5000, 5000];
    const first = await cluster(3, { clockSkewMs: skew });
    await client.do(put, 'k', 'v', 'PX', '1000');
    await bench.sleep(1200);
    expect(await client.do(get, 'k')).to.equal(null);
    bench.crash(first);
    for (const i of servers()) skew[i] = -5000;
    await leader();
    expect(await client.do(get, 'k')).to.equal(null);
  });

  it('keep them through snapshots and a restart of all', async () => {
    await cluster(3, { maxRaftState: 300 });
    for (let i = 0; i < 20; i += 1) await client.do(put, `k${i}`, 'v'.repeat(50), 'PX', '20000');
    for (const i of servers()) bench.restart(i);
    await leader();
    expect(await client.do(get, 'k3')).to.equal('v'.repeat(50));
    expect(await client.do(pttl, 'k3')).to.be.within(1, 20_000);
    await bench.sleep(21_000);
    expect(await client.do(get, 'k3')).to.equal(null);
  });
});
