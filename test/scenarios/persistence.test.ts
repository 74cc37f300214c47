/** Part 2C of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster, conditions, longReordering, SeededRandom } from 'xstate-raft/testing';

describe('2C persistence', () => {
  let bench: Cluster;
  afterEach(() => bench.stop());

  it('basic persistence', async () => {
    bench = cluster(3);
    await bench.one('11', 3);
    for (const i of [0, 1, 2]) bench.crash(i);
    for (const i of [0, 1, 2]) bench.restart(i);
    await bench.one('12', 3);
    const first = await bench.checkOneLeader();
    bench.restart(first);
    await bench.one('13', 3);
    const second = await bench.checkOneLeader();
    bench.crash(second);
    await bench.one('14', 2);
    bench.restart(second);
    const caughtUp = await bench.until(() => bench.appliedAt(4).count === 3, 10_000);
    expect(caughtUp, 'the restarted leader has caught up').to.equal(true);
    const third = ((await bench.checkOneLeader()) + 1) % 3;
    bench.crash(third);
    await bench.one('15', 2);
    bench.restart(third);
    expect(await bench.one('16', 3)).to.be.at.least(6);
  });

  it('more persistence', async () => {
    bench = cluster(5);
    let index = 1;
    for (let round = 0; round < 5; round += 1) {
      await bench.one(`${10 + index}`, 5);
      index += 1;
      const leader = await bench.checkOneLeader();
      const at = (offset: number) => (leader + offset) % 5;
      bench.disconnect(at(1), at(2));
      await bench.one(`${10 + index}`, 3);
      index += 1;
      const rest = [0, 3, 4].map(at);
      for (const i of rest) bench.crash(i);
      bench.connect(at(1), at(2));
      for (const i of [1, 2].map(at)) bench.restart(i);
      await bench.sleep(1000);
      bench.restart(at(3));
      await bench.one(`${10 + index}`, 3);
      index += 1;
      for (const i of [4, 0].map(at)) bench.restart(i);
    }
    await bench.one('1000', 5);
  });

  it('partitioned leader and one follower crash, leader restarts', async () => {
    bench = cluster(3);
    await bench.one('101', 3);
    const leader = await bench.checkOneLeader();
    const at = (offset: number) => (leader + offset) % 3;
    bench.disconnect(at(2));
    await bench.one('102', 2);
    bench.crash(at(0));
    bench.crash(at(1));
    bench.connect(at(2));
    bench.restart(at(0));
    expect(await bench.one('103', 2), 'the index after what was committed').to.be.at.least(3);
    bench.restart(at(1));
    await bench.one('104', 3);
    expect([1, 2].map((index) => bench.appliedAt(index).command)).to.deep.equal(['101', '102']);
  });

  it('Figure 8', async () => {
    bench = cluster(5);
    const random = new SeededRandom('Figure 8');
    await bench.one('first', 1);
    let up = 5;
    for (let round = 0; round < 1000; round += 1) {
      const leader = startEverywhere(bench, `round ${round}`);
      await bench.sleep(random.next() < 0.1 ? random.next() * 500 : random.next() * 13);
      if (leader !== undefined) {
        bench.crash(leader);
        up -= 1;
      }
      const other = Math.floor(random.next() * 5);
      if (up < 3 && !bench.isConnected(other)) {
        bench.restart(other);
        up += 1;
      }
    }
    for (let i = 0; i < 5; i += 1) if (!bench.isConnected(i)) bench.restart(i);
    await bench.one('last', 5);
  });

  it('unreliable agreement', async () => {
    bench = cluster(5, { conditions: conditions.unreliable });
    for (let round = 1; round < 50; round += 1) {
      const leader = await bench.checkOneLeader();
      for (let j = 0; j < 4; j += 1) bench.start(leader, `${100 * round + j}`);
      await bench.one(`${round}`, 1);
    }
    bench.network.conditions = conditions.reliable;
    expect(await bench.one('100', 5)).to.be.at.least(50);
  });

  it('Figure 8 (unreliable)', async () => {
    bench = cluster(5, { conditions: conditions.unreliable });
    const random = new SeededRandom('Figure 8 (unreliable)');
    await bench.one('first', 1);
    let connected = 5;
    for (let round = 0; round < 1000; round += 1) {
      if (round === 200) bench.network.conditions = { ...conditions.unreliable, ...longReordering };
      const leader = startEverywhere(bench, `round ${round}`);
      await bench.sleep(random.next() < 0.1 ? random.next() * 500 : random.next() * 13);
      if (leader !== undefined && random.next() < 0.5) {
        bench.disconnect(leader);
        connected -= 1;
      }
      const other = Math.floor(random.next() * 5);
      if (connected < 3 && !bench.isConnected(other)) {
        bench.connect(other);
        connected += 1;
      }
    }
    bench.connect(0, 1, 2, 3, 4);
    await bench.one('last', 5);
  });

  for (const [name, network] of [
    ['churn', conditions.reliable],
    ['unreliable churn', conditions.unreliable],
  ] as const) {
    it(name, async () => {
      bench = cluster(5, { conditions: network });
      const random = new SeededRandom(name);
      const acknowledged: { index: number; command: string }[] = [];
      const waiting: { index: number; command: string; until: number }[] = [];
      for (let turn = 0; turn < 200; turn += 1) {
        for (let client = 0; client < 3; client += 1) {
          const command = `${client}.${turn}.${Math.floor(random.next() * 1e6)}`;
          for (let i = 0; i < 5; i += 1) {
            if (!bench.isConnected(i)) continue;
            const { index, isLeader } = bench.start(i, command);
            if (isLeader) waiting.push({ index, command, until: bench.clock.now() + 1500 });
          }
        }
        await bench.sleep(50 + random.next() * 50);
        for (const wait of waiting.splice(0)) {
          const { command } = bench.appliedAt(wait.index);
          if (command === wait.command) acknowledged.push(wait);
          else if (command === undefined && bench.clock.now() < wait.until) waiting.push(wait);
        }
        const i = Math.floor(random.next() * 5);
        if (random.next() < 0.2) bench.disconnect(i);
        if (random.next() < 0.5) {
          if (bench.isDown(i)) bench.restart(i);
          bench.connect(i);
        }
        if (random.next() < 0.2) bench.crash(i);
      }
      bench.network.conditions = conditions.reliable;
      for (let i = 0; i < 5; i += 1) {
        if (bench.isDown(i)) bench.restart(i);
        bench.connect(i);
      }
      const last = await bench.one('last', 5);
      expect(acknowledged.length, 'commands that clients saw committed').to.be.above(20);
      for (const { index, command } of acknowledged) {
        expect(bench.appliedAt(index)).to.deep.equal({ count: 5, command });
      }
      expect(last).to.be.above(acknowledged.length);
    });
  }
});

/** Starts a command on every server that is up; returns the last one that took it. */
function startEverywhere(bench: Cluster, command: string): number | undefined {
  let leader: number | undefined;
  for (let i = 0; i < bench.size; i += 1) {
    if (!bench.isDown(i) && bench.start(i, command).isLeader) leader = i;
  }
  return leader;
}
