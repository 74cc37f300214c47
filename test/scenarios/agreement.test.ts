/** Part 2B of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster } from 'xstate-raft/testing';
import { reliable } from './labNetworks.ts';
import { type BenchOptions, scenario } from './scenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const five = (options: BenchOptions) => cluster(5, { ...options, conditions: reliable });

describe('2B log', () => {
  scenario('basic agreement', three, async (bench) => {
    for (let index = 1; index <= 3; index += 1) {
      expect(bench.appliedAt(index).count, `servers that applied ${index} before it was started`).to.equal(0);
      expect(await bench.one(`command ${index}`, 3, false)).to.equal(index);
    }
  });

  scenario('RPC byte count', three, async (bench) => {
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

  scenario('agreement after follower reconnects', three, async (bench) => {
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

  scenario('no agreement if too many followers disconnect', five, async (bench) => {
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

  scenario('concurrent starts', three, async (bench) => {
    const leader = await bench.checkOneLeader();
    const { term } = bench.start(leader, 'first');
    const commands = [0, 1, 2, 3, 4].map((n) => `concurrent ${n}`);
    const started = commands.map((command) => bench.start(leader, command));
    expect(started).to.deep.equal([2, 3, 4, 5, 6].map((index) => ({ index, term, isLeader: true })));
    expect(await bench.until(() => bench.appliedAt(6).count === 3, 2000)).to.equal(true);
    expect([2, 3, 4, 5, 6].map((index) => bench.appliedAt(index))).to.deep.equal(
      commands.map((command) => ({ count: 3, command })),
    );
    expect(bench.raft(leader).getState()).to.deep.equal({ term, isLeader: true });
  });

  scenario('rejoin of partitioned leader', three, async (bench) => {
    await bench.one('101', 3);
    const first = await bench.checkOneLeader();
    bench.disconnect(first);
    for (const n of [1, 2, 3]) bench.start(first, `vanishes ${n}`);
    await bench.one('103', 2);
    const second = await bench.checkOneLeader();
    bench.disconnect(second);
    for (const n of [4, 5, 6]) bench.start(second, `vanishes ${n}`);
    bench.connect(first);
    await bench.one('104', 2);
    bench.connect(second);
    const last = await bench.one('105', 3);
    for (let index = 1; index <= last; index += 1) {
      const { count, command } = bench.appliedAt(index);
      expect(count, `servers that applied ${index}`).to.equal(3);
      expect(command, `what was applied at ${index}`).not.to.match(/vanishes/);
    }
  });

  scenario('leader backs up quickly over incorrect follower logs', five, async (bench) => {
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

  scenario("RPC counts aren't too high", three, async (bench) => {
    await bench.checkOneLeader();
    expect(bench.network.counts.rpcs, 'RPCs to elect the first leader').to.be.within(1, 30);
    const rpcs = await rpcsForTwelve(bench);
    expect(rpcs, 'RPCs for twelve entries').to.be.at.most(42);
    await bench.sleep(100);
    const idle = bench.network.counts.rpcs;
    await bench.sleep(1000);
    expect(bench.network.counts.rpcs - idle, 'RPCs of an idle second').to.be.at.most(3 * 20);
  });
});

/** What it takes to agree on twelve commands that start at once. A term that ends meanwhile shows nothing: up to five. */
async function rpcsForTwelve(bench: Cluster): Promise<number> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const leader = await bench.checkOneLeader();
    const { term } = bench.raft(leader).getState();
    const before = bench.network.counts.rpcs;
    const started = Array.from({ length: 12 }, (_, i) => bench.start(leader, `${attempt}.${i}`));
    const last = started.at(-1)?.index ?? 0;
    const isAgreed = await bench.until(() => bench.appliedAt(last).count === 3, 2000);
    const rpcs = bench.network.counts.rpcs - before;
    if (bench.checkTerms() !== term || started.some(({ isLeader }) => !isLeader)) continue;
    expect(isAgreed, 'twelve commands agreed on in 2 s').to.equal(true);
    return rpcs;
  }
  throw new Error('Five terms in a row ended within 2 s.');
}
