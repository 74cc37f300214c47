/** Part 2C of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster, type SeededRandom } from 'xstate-raft/testing';
import { reliable, unreliable, unreliableReordering } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario, type Telling } from './labScenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const five = (options: BenchOptions) => cluster(5, { ...options, conditions: reliable });
const fiveUnreliable = (options: BenchOptions) => cluster(5, { ...options, conditions: unreliable });

export const persistence: readonly LabScenario[] = [
  labScenario(
    'basic persistence',
    'Servers crash, all or one, and come back with what they had persisted: term, vote and log. Agreement goes on each time.',
    three,
    async (bench, { say }) => {
      await bench.one('11', 3);
      say('All crash at once, and restart from what they had persisted.');
      for (const i of [0, 1, 2]) bench.crash(i);
      for (const i of [0, 1, 2]) bench.restart(i);
      await bench.one('12', 3);
      const first = await bench.checkOneLeader();
      say('The leader alone restarts.');
      bench.restart(first);
      await bench.one('13', 3);
      const second = await bench.checkOneLeader();
      say('The leader is down for a while: the others agree on a command without it.');
      bench.crash(second);
      await bench.one('14', 2);
      say('It is back, and catches up.');
      bench.restart(second);
      const caughtUp = await bench.until(() => bench.appliedAt(4).count === 3, 10_000);
      expect(caughtUp, 'the restarted leader has caught up').to.equal(true);
      const third = ((await bench.checkOneLeader()) + 1) % 3;
      say('A follower goes, and comes back.');
      bench.crash(third);
      await bench.one('15', 2);
      bench.restart(third);
      expect(await bench.one('16', 3)).to.be.at.least(6);
    },
  ),

  labScenario(
    'more persistence',
    'Five rounds in which two servers are cut off, three crash, and the two come back first.',
    five,
    async (bench, { say, times }) => {
      let index = 1;
      const rounds = times(5, 2);
      for (let round = 0; round < rounds; round += 1) {
        await bench.one(`${10 + index}`, 5);
        index += 1;
        const leader = await bench.checkOneLeader();
        const at = (offset: number) => (leader + offset) % 5;
        say(`Round ${round + 1} of ${rounds}: two followers are cut off, and miss a command.`);
        bench.disconnect(at(1), at(2));
        await bench.one(`${10 + index}`, 3);
        index += 1;
        const rest = [0, 3, 4].map(at);
        say('Those that know of it crash; those that do not are back. Two are no majority of five.');
        for (const i of rest) bench.crash(i);
        bench.connect(at(1), at(2));
        for (const i of [1, 2].map(at)) bench.restart(i);
        await bench.sleep(1000);
        say('One that knows is back: with it they are three, and only it can be elected.');
        bench.restart(at(3));
        await bench.one(`${10 + index}`, 3);
        index += 1;
        for (const i of [4, 0].map(at)) bench.restart(i);
      }
      await bench.one('1000', 5);
    },
  ),

  labScenario(
    'partitioned leader and one follower crash, leader restarts',
    'A server that was cut off meets a restarted leader: what had been committed without it is still there.',
    three,
    async (bench, { say }) => {
      await bench.one('101', 3);
      const leader = await bench.checkOneLeader();
      const at = (offset: number) => (leader + offset) % 3;
      say('A follower is cut off, and misses a command.');
      bench.disconnect(at(2));
      await bench.one('102', 2);
      say(
        'The two that have it crash. The leader of then restarts, and meets the one that does not have it.',
      );
      bench.crash(at(0));
      bench.crash(at(1));
      bench.connect(at(2));
      bench.restart(at(0));
      expect(await bench.one('103', 2), 'the index after what was committed').to.be.at.least(3);
      say('The last one is back as well.');
      bench.restart(at(1));
      await bench.one('104', 3);
      expect([1, 2].map((index) => bench.appliedAt(index).command)).to.deep.equal(['101', '102']);
    },
  ),

  labScenario(
    'Figure 8',
    'The paper’s figure 8, at random: leaders append and crash, soon or late, so that entries of old terms are left on majorities. Nothing that was applied anywhere is ever replaced.',
    five,
    async (bench, { random, say, times }) => {
      await bench.one('first', 1);
      let up = 5;
      const rounds = times(1000, 80);
      say(
        `${rounds} rounds: whoever leads appends an entry, and soon crashes. Where only two are left, one comes back.`,
      );
      for (let round = 0; round < rounds; round += 1) {
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
      say('Everybody is back: all five must agree within ten seconds.');
      reviveAll(bench);
      await bench.one('last', 5);
    },
  ),

  labScenario(
    'unreliable agreement',
    'Messages come late, and one in ten is lost, requests and replies alike: commands are agreed on all the same.',
    fiveUnreliable,
    async (bench, { say, times }) => {
      const rounds = times(50, 10);
      say(`${rounds} times five commands at once.`);
      for (let round = 0; round < rounds; round += 1) {
        await together(
          bench,
          [0, 1, 2, 3, 4].map((n) => `${round}.${n}`),
        );
      }
      say('The network loses nothing any more.');
      bench.network.conditions = reliable;
      expect(await bench.one('last', 5)).to.be.at.least(5 * rounds + 1);
    },
  ),

  labScenario(
    'Figure 8 (unreliable)',
    'As figure 8, with cuts in place of crashes, on a network that loses messages, and later lets replies overtake each other by seconds.',
    fiveUnreliable,
    async (bench, { random, say, times }) => {
      await bench.one('first', 1);
      let connected = 5;
      const rounds = times(1000, 120);
      say(`${rounds} rounds: leaders append entries, and every other time are cut off.`);
      for (let round = 0; round < rounds; round += 1) {
        if (round === rounds / 5) {
          say('From here on two replies in three come late, up to 2.2 s.');
          bench.network.conditions = unreliableReordering;
        }
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
      say('Everybody is back: all five must agree within ten seconds.');
      reviveAll(bench);
      await bench.one('last', 5);
    },
  ),

  labScenario(
    'churn',
    'Three clients start commands, while servers crash, restart and are cut off at random. What a client saw committed is in the log of everyone at the end.',
    five,
    churn,
  ),
  labScenario(
    'unreliable churn',
    'The same on a network that loses one message in ten.',
    fiveUnreliable,
    churn,
  ),
];

/** Three clients start commands, while servers crash, restart and are cut off. */
async function churn(bench: Cluster, { random, say, times }: Telling): Promise<void> {
  const committed = new Map<number, string>();
  const run = { over: false, idleMs: times(0, 60) };
  say('Three clients begin. They know nothing of leaders: they ask everybody.');
  const clients = [0, 1, 2].map((id) => client(bench, id, run, committed));
  try {
    const rounds = times(20, 6);
    for (let round = 0; round < rounds; round += 1) {
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
  say('The clients stop, and everybody is back.');
  bench.network.conditions = reliable;
  reviveAll(bench);
  await bench.sleep(1000);
  await Promise.all(clients);
  await bench.one('last', 5);
  expect(committed.size, 'commands that clients saw committed').to.be.above(times(20, 5));
  for (const [index, command] of committed) {
    expect(bench.appliedAt(index), `what was committed at ${index}`).to.deep.equal({ count: 5, command });
  }
}

/** Starts one command after another, and waits a while for each; notes those that it saw committed. */
async function client(
  bench: Cluster,
  id: number,
  run: { readonly over: boolean; readonly idleMs: number },
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
    if (run.idleMs > 0) await pause(run.idleMs);
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
