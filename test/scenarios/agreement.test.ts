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

  it('concurrent starts', async () => {
    bench = cluster(3);
    const leader = await bench.checkOneLeader();
    const { term } = bench.raft(leader).getState();
    const started = [0, 1, 2, 3, 4].map((n) => bench.start(leader, `concurrent ${n}`));
    expect(started.map(({ index }) => index)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(await bench.until(() => bench.appliedAt(5).count === 3, 2000)).to.equal(true);
    const commands = [1, 2, 3, 4, 5].map((index) => bench.appliedAt(index));
    expect(commands.map(({ command }) => command)).to.deep.equal(
      [0, 1, 2, 3, 4].map((n) => `concurrent ${n}`),
    );
    expect(bench.raft(leader).getState()).to.deep.equal({ term, isLeader: true });
  });

  it('rejoin of partitioned leader', async () => {
    bench = cluster(3);
    await bench.one('101', 3);
    const first = await bench.checkOneLeader();
    bench.disconnect(first);
    for (const command of ['102', '103', '104']) bench.start(first, command);
    await bench.one('103', 2);
    const second = await bench.checkOneLeader();
    bench.disconnect(second);
    bench.connect(first);
    await bench.one('104', 2);
    bench.connect(second);
    await bench.one('105', 3);
    expect(
      bench.appliedAt(2),
      'what a majority agreed on in place of the first leader’s entries',
    ).to.deep.equal({
      count: 3,
      command: '103',
    });
  });

  it('leader backs up quickly over incorrect follower logs', async () => {
    bench = cluster(5);
    let command = 0;
    const next = () => {
      command += 1;
      return `${command}`;
    };
    await bench.one(next(), 5);
    const first = await bench.checkOneLeader();
    const at = (offset: number) => (first + offset) % 5;
    bench.disconnect(at(2), at(3), at(4));
    for (let i = 0; i < 50; i += 1) bench.start(first, next());
    await bench.sleep(500);
    bench.disconnect(at(0), at(1));
    bench.connect(at(2), at(3), at(4));
    for (let i = 0; i < 50; i += 1) await bench.one(next(), 3);
    const second = await bench.checkOneLeader();
    const [other = 0] = [2, 3, 4].map(at).filter((i) => i !== second);
    bench.disconnect(other);
    for (let i = 0; i < 50; i += 1) bench.start(second, next());
    await bench.sleep(500);
    bench.disconnect(0, 1, 2, 3, 4);
    bench.connect(at(0), at(1), other);
    for (let i = 0; i < 50; i += 1) await bench.one(next(), 3);
    bench.connect(0, 1, 2, 3, 4);
    await bench.one(next(), 5);
  });

  it("RPC counts aren't too high", async () => {
    bench = cluster(3);
    const leader = await bench.checkOneLeader();
    expect(bench.network.counts.rpcs, 'RPCs to elect the first leader').to.be.within(1, 30);
    const before = bench.network.counts.rpcs;
    await bench.one('first', 3);
    for (let i = 0; i < 11; i += 1) bench.start(leader, `${i}`);
    expect(await bench.until(() => bench.appliedAt(12).count === 3, 2000)).to.equal(true);
    expect(bench.network.counts.rpcs - before, 'RPCs for twelve entries').to.be.at.most(42);
    await bench.sleep(100);
    const idle = bench.network.counts.rpcs;
    await bench.sleep(1000);
    expect(bench.network.counts.rpcs - idle, 'RPCs of an idle second').to.be.at.most(3 * 20);
  });
});
