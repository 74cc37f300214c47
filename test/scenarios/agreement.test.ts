/** Part 2B of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster } from 'xstate-raft/testing';

describe('2B log', () => {
  let bench: Cluster;
  afterEach(() => bench.stop());

  it('basic agreement', async () => {
    bench = cluster(3);
    for (let index = 1; index <= 3; index += 1) {
      expect(bench.appliedAt(index).count, `servers that applied ${index} before it was started`).to.equal(0);
      expect(await bench.one(`command ${index}`, 3, false)).to.equal(index);
    }
  });

  it('RPC byte count', async () => {
    bench = cluster(3);
    await bench.one('99', 3, false);
    const before = bench.network.counts.bytes;
    let sent = 0;
    for (let index = 2; index < 12; index += 1) {
      const command = String(index).padEnd(5000, 'x');
      expect(await bench.one(command, 3, false)).to.equal(index);
      sent += command.length;
    }
    // Once to each of two followers.
    expect(bench.network.counts.bytes - before).to.be.at.most(2 * sent + 50_000);
  });

  it('agreement after follower reconnects', async () => {
    bench = cluster(3);
    await bench.one('101', 3, false);
    const leader = await bench.checkOneLeader();
    bench.disconnect((leader + 1) % 3);
    await bench.one('102', 2, false);
    await bench.one('103', 2, false);
    await bench.sleep(1000);
    await bench.one('104', 2, false);
    await bench.one('105', 2, false);
    bench.connect((leader + 1) % 3);
    await bench.one('106', 3, true);
    await bench.sleep(1000);
    expect(await bench.one('107', 3, true)).to.be.at.least(7);
  });

  it('no agreement if too many followers disconnect', async () => {
    bench = cluster(5);
    await bench.one('10', 5, false);
    const leader = await bench.checkOneLeader();
    const cut = [1, 2, 3].map((offset) => (leader + offset) % 5);
    bench.disconnect(...cut);
    expect(bench.start(leader, '20')).to.deep.include({ index: 2, isLeader: true });
    await bench.sleep(2000);
    expect(bench.appliedAt(2).count, 'servers that applied without a majority').to.equal(0);
    bench.connect(...cut);
    const next = await bench.checkOneLeader();
    const { index, isLeader } = bench.start(next, '30');
    expect(isLeader).to.equal(true);
    expect(index, 'the next index, with or without the old entry').to.be.within(2, 3);
    await bench.one('1000', 5, true);
  });
});
