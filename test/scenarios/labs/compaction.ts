/** Part 2D of the labs: the service snapshots every tenth index, from the very callback that hears what is applied. */
import { expect } from 'chai';
import { Cluster, type Conditions, type SeededRandom } from 'xstate-raft/testing';
import { reliable, unreliable } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario, type Telling } from './labScenario.ts';

/** bytes; about eighty an entry, looked at whenever a server has applied something */
const stateBytesMax = 2000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

function snapshotting(network: Conditions): (options: BenchOptions) => SnapshottingCluster {
  return (options) => new SnapshottingCluster(options, network);
}

/** What was seen of a service that snapshots. */
class SnapshotWatch {
  /** Largest Raft state of any server, bytes. */
  stateBytes = 0;
  /** Snapshots that did not hold what they were said to. */
  readonly wrong: string[] = [];
  /** It is there before anything is applied. */
  bench: Cluster | undefined;

  measure(server: number): void {
    this.stateBytes = Math.max(this.stateBytes, this.bench?.persister(server).raftStateSize() ?? 0);
  }

  check(snapshot: Uint8Array, index: number): void {
    const said = text.decode(snapshot);
    if (said !== text.decode(upTo(index))) this.wrong.push(`${index}: ${said}`);
  }
}

/** Three servers with a service that snapshots. */
class SnapshottingCluster extends Cluster {
  readonly #watch: SnapshotWatch;

  constructor(options: BenchOptions, network: Conditions) {
    const watch = new SnapshotWatch();
    super(3, {
      ...options,
      conditions: network,
      onApply: (server, message, raft) => {
        if ('snapshotValid' in message) watch.check(message.snapshot, message.snapshotIndex);
        if (!('commandValid' in message)) return;
        const { commandIndex } = message;
        if (commandIndex % 10 === 9) raft.snapshot(commandIndex, upTo(commandIndex));
        watch.measure(server);
      },
    });
    this.#watch = watch;
    watch.bench = this;
  }

  /** The server comes back with the snapshot that it had. */
  override restart(server: number): void {
    super.restart(server);
    const { snapshotIndex } = this.raft(server).status();
    if (snapshotIndex > 0) this.#watch.check(this.persister(server).readSnapshot(), snapshotIndex);
  }

  expectSound(): void {
    expect(this.#watch.wrong, 'snapshots that did not hold what they were said to').to.deep.equal([]);
    expect(this.#watch.stateBytes, 'bytes of the largest Raft state').to.be.within(1, stateBytesMax - 1);
  }
}

function upTo(index: number): Uint8Array {
  return utf8.encode(`everything up to ${index}`);
}

/** 5 to 14. */
function fewCommands(random: SeededRandom): number {
  return 5 + Math.floor(random.next() * 10);
}

/** Thirty times commands, while a server is away; the leader in every third round. */
async function rounds(
  bench: SnapshottingCluster,
  { random, say, times }: Telling,
  hurt?: 'disconnect' | 'crash',
): Promise<void> {
  await bench.one('first', 3);
  let leader = await bench.checkOneLeader();
  const count = times(30, hurt ? 6 : 3);
  for (let round = 0; round < count; round += 1) {
    const victim = round % 3 === 1 ? leader : (leader + 1) % 3;
    const who = victim === leader ? 'the leader' : 'a follower';
    const away = hurt === 'crash' ? 'crashes' : 'is cut off';
    say(`Round ${round + 1} of ${count}: ${hurt ? `${who} ${away}, and misses` : 'all take'} some commands.`);
    if (hurt === 'disconnect') bench.disconnect(victim);
    if (hurt === 'crash') bench.crash(victim);
    if (hurt) await bench.one(`round ${round}`, 2);
    const commands = fewCommands(random);
    for (let n = 0; n < commands; n += 1) {
      for (const i of [0, 1, 2]) if (bench.isConnected(i)) bench.start(i, `${round}.${n}`);
    }
    await bench.one(`round ${round} agreed`, hurt ? 2 : 3);
    if (!hurt) continue;
    say('It is back. Where the leader has let go of the entries it needs, it gets the snapshot.');
    if (hurt === 'disconnect') bench.connect(victim);
    else bench.restart(victim);
    await bench.one(`round ${round} together`, 3);
    leader = await bench.checkOneLeader();
  }
  bench.expectSound();
}

export const compaction: readonly LabScenario[] = [
  labScenario(
    'snapshots basic',
    'The service takes a snapshot at every tenth index, on every server, and the log before it is let go: what is persisted stays small.',
    snapshotting(reliable),
    async (bench, telling) => {
      await rounds(bench, telling);
      for (const i of [0, 1, 2]) {
        expect(bench.raft(i).status().snapshotIndex).to.be.at.least(telling.times(190, 19));
      }
    },
  ),

  ...(
    [
      ['install snapshots (disconnect)', 'disconnect', reliable],
      ['install snapshots (disconnect+unreliable)', 'disconnect', unreliable],
      ['install snapshots (crash)', 'crash', reliable],
      ['install snapshots (unreliable+crash)', 'crash', unreliable],
    ] as const
  ).map(([name, hurt, network]) =>
    labScenario(
      name,
      `A server ${hurt === 'crash' ? 'crashes' : 'is cut off'} while the others go on, and so far that their logs no longer hold what it needs: it must catch up by snapshot.${network === unreliable ? ' The network loses one message in ten.' : ''}`,
      snapshotting(network),
      async (bench, telling) => {
        await rounds(bench, telling, hurt);
        expect(bench.snapshotsInstalled, 'snapshots that were installed').to.be.above(telling.times(3, 0));
      },
    ),
  ),

  labScenario(
    'crash and restart all servers',
    'All servers crash and restart: each begins with its snapshot, and applies next what comes after it.',
    snapshotting(reliable),
    async (bench, { random, say, times }) => {
      await bench.one('first', 3);
      const count = times(5, 3);
      for (let round = 0; round < count; round += 1) {
        const commands = fewCommands(random);
        for (let n = 0; n < commands; n += 1) await bench.one(`${round}.${n}`, 3);
        const before = await bench.one(`round ${round}`, 3);
        say(`Round ${round + 1} of ${count}: all crash, and restart.`);
        for (const i of [0, 1, 2]) bench.crash(i);
        for (const i of [0, 1, 2]) bench.restart(i);
        expect(await bench.one(`round ${round} again`, 3)).to.be.above(before);
      }
      bench.expectSound();
    },
  ),
];
