/** Part 2C of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster, type SeededRandom } from 'xstate-raft/testing';
import { reliable, unreliable, unreliableReordering } from './labNetworks.ts';
import { type BenchOptions, scenario } from './scenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const five = (options: BenchOptions) => cluster(5, { ...options, conditions: reliable });
const fiveUnreliable = (options: BenchOptions) => cluster(5, { ...options, conditions: unreliable });

describe('2C persistence', () => {
  scenario('basic persistence', three, async (bench) => {
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

  scenario('more persistence', five, async (bench) => {
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

  scenario('partitioned leader and one follower crash, leader restarts', three, async (bench) => {
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

  scenario('Figure 8', five, async (bench, random) => {
    await bench.one('first', 1);
    let up = 5;
    for (let round = 0; round < 1000; round += 1) {
      const leader = startOnAll(bench, `round ${round}`).at(-1);
      await bench.sleep(shortOrLong(random));
      if (leader) {
        bench.crash(leader.server);
        up -= 1;
      }
      const other = anyOf(bench, random);
      if (up < 3 && bench.isDown(other)) {
        bench.restart(other);
        up += 1;
      }
    }
    reviveAll(bench);
    await bench.one('last', 5);
  });

  scenario('unreliable agreement', fiveUnreliable, async (bench) => {
    for (let round = 0; round < 50; round += 1) {
      await together(
        bench,
        [0, 1, 2, 3, 4].map((n) => `${round}.${n}`),
      );
    }
    bench.network.conditions = reliable;
    expect(await bench.one('last', 5)).to.be.at.least(251);
  });

  scenario('Figure 8 (unreliable)', fiveUnreliable, async (bench, random) => {
    await bench.one('first', 1);
    let connected = 5;
    for (let round = 0; round < 1000; round += 1) {
      if (round === 200) bench.network.conditions = unreliableReordering;
      const started = startOnAll(bench, `round ${round}`);
      const leader = started.findLast(({ server }) => bench.isConnected(server));
      await bench.sleep(shortOrLong(random));
      if (leader && random.next() < 0.5) {
        bench.disconnect(leader.server);
        connected -= 1;
      }
      const other = anyOf(bench, random);
      if (connected < 3 && !bench.isConnected(other)) {
        bench.connect(other);
        connected += 1;
      }
    }
    reviveAll(bench);
    await bench.one('last', 5);
  });

  scenario('churn', five, churn);
  scenario('unreliable churn', fiveUnreliable, churn);
});

/** Three clients start commands, while servers crash, restart and are cut off. */
async function churn(bench: Cluster, random: SeededRandom): Promise<void> {
  const committed = new Map<number, string>();
  const run = { over: false };
  const clients = [0, 1, 2].map((id) => client(bench, id, run, committed));
  try {
    for (let round = 0; round < 20; round += 1) {
      if (random.next() < 0.2) bench.disconnect(anyOf(bench, random));
      if (random.next() < 0.5) {
        const i = anyOf(bench, random);
        if (bench.isDown(i)) bench.restart(i);
        bench.connect(i);
      }
      if (random.next() < 0.2) bench.crash(anyOf(bench, random));
      // Less than it takes to elect a leader and settle, but not much less.
      await bench.sleep(700);
    }
    await bench.sleep(1000);
  } finally {
    run.over = true;
  }
  bench.network.conditions = reliable;
  reviveAll(bench);
  await bench.sleep(1000);
  await Promise.all(clients);
  await bench.one('last', 5);
  expect(committed.size, 'commands that clients saw committed').to.be.above(20);
  for (const [index, command] of committed) {
    expect(bench.appliedAt(index), `what was committed at ${index}`).to.deep.equal({ count: 5, command });
  }
}

/** Starts one command after another, and waits a while for each; notes those that it saw committed. */
async function client(
  bench: Cluster,
  id: number,
  run: { readonly over: boolean },
  committed: Map<number, string>,
): Promise<void> {
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      bench.clock.setTimeout(resolve, ms);
    });
  for (let n = 0; !run.over; n += 1) {
    const command = `client ${id}, command ${n}`;
    const index = startOnAll(bench, command).at(-1)?.index;
    if (index === undefined) {
      await pause(79 + id * 17);
      continue;
    }
    for (const ms of [10, 20, 50, 100, 200]) {
      const applied = bench.appliedAt(index).command;
      if (applied === command) committed.set(index, command);
      if (applied !== undefined) break;
      await pause(ms);
    }
  }
}

/** Several commands at once, each submitted again until a server has applied it. */
async function together(bench: Cluster, commands: readonly string[]): Promise<void> {
  let open = commands;
  const begun = bench.clock.now();
  while (open.length > 0) {
    expect(bench.clock.now() - begun, `ms that ${open.length} of five commands took`).to.be.below(10_000);
    const started = open.map((command) => ({ command, index: startOnAll(bench, command).at(-1)?.index }));
    const isLost = ({ command, index }: { command: string; index: number | undefined }) =>
      index === undefined || bench.appliedAt(index).command !== command;
    const allThere = await bench.until(
      () => !started.some(isLost),
      started[0]?.index === undefined ? 50 : 2000,
    );
    open = allThere ? [] : started.filter(isLost).map(({ command }) => command);
  }
}

interface Started {
  readonly server: number;
  readonly index: number;
}

/** Starts a command on every server that is up; tells which took it for theirs to replicate. */
function startOnAll(bench: Cluster, command: string): Started[] {
  const started: Started[] = [];
  for (let server = 0; server < bench.size; server += 1) {
    if (bench.isDown(server)) continue;
    const { index, isLeader } = bench.start(server, command);
    if (isLeader) started.push({ server, index });
  }
  return started;
}

function reviveAll(bench: Cluster): void {
  for (let i = 0; i < bench.size; i += 1) {
    if (bench.isDown(i)) bench.restart(i);
    bench.connect(i);
  }
}

function anyOf(bench: Cluster, random: SeededRandom): number {
  return Math.floor(random.next() * bench.size);
}

/** ms; one time in ten up to half an election */
function shortOrLong(random: SeededRandom): number {
  return random.next() < 0.1 ? random.next() * 500 : random.next() * 13;
}
