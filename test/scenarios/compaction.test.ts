/** Part 2D of the labs: the service snapshots every tenth index, from the very callback that hears what is applied. */
import { expect } from 'chai';
import { type Cluster, type Conditions, cluster, type SeededRandom } from 'xstate-raft/testing';
import { reliable, unreliable } from './labNetworks.ts';
import { type BenchOptions, scenario } from './scenario.ts';

/** bytes; about eighty an entry, looked at whenever a server has applied something */
const stateBytesMax = 2000;
const utf8 = new TextEncoder();
const text = new TextDecoder();

function snapshotting(network: Conditions): (options: BenchOptions) => SnapshottingCluster {
  return (options) => new SnapshottingCluster(options, network);
}

/** Three servers with a service that snapshots, and what was seen of it. */
class SnapshottingCluster {
  readonly cluster: Cluster;
  /** Largest Raft state of any server, bytes. */
  stateBytes = 0;
  /** Snapshots that did not hold what they were said to. */
  readonly wrong: string[] = [];

  constructor(options: BenchOptions, network: Conditions) {
    this.cluster = cluster(3, {
      ...options,
      conditions: network,
      onApply: (server, message, raft) => {
        if ('snapshotValid' in message) this.#check(message.snapshot, message.snapshotIndex);
        if (!('commandValid' in message)) return;
        const { commandIndex } = message;
        if (commandIndex % 10 === 9) raft.snapshot(commandIndex, upTo(commandIndex));
        this.stateBytes = Math.max(this.stateBytes, this.cluster.persister(server).raftStateSize());
      },
    });
  }

  get figures() {
    return this.cluster.figures;
  }

  stop(): void {
    this.cluster.stop();
  }

  /** The server comes back with the snapshot that it had. */
  restart(server: number): void {
    this.cluster.restart(server);
    const { snapshotIndex } = this.cluster.raft(server).status();
    if (snapshotIndex > 0) this.#check(this.cluster.persister(server).readSnapshot(), snapshotIndex);
  }

  expectSound(): void {
    expect(this.wrong, 'snapshots that did not hold what they were said to').to.deep.equal([]);
    expect(this.stateBytes, 'bytes of the largest Raft state').to.be.within(1, stateBytesMax - 1);
  }

  #check(snapshot: Uint8Array, index: number): void {
    const said = text.decode(snapshot);
    if (said !== text.decode(upTo(index))) this.wrong.push(`${index}: ${said}`);
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
  service: SnapshottingCluster,
  random: SeededRandom,
  hurt?: 'disconnect' | 'crash',
): Promise<void> {
  const bench = service.cluster;
  await bench.one('first', 3);
  let leader = await bench.checkOneLeader();
  for (let round = 0; round < 30; round += 1) {
    const victim = round % 3 === 1 ? leader : (leader + 1) % 3;
    if (hurt === 'disconnect') bench.disconnect(victim);
    if (hurt === 'crash') bench.crash(victim);
    if (hurt) await bench.one(`round ${round}`, 2);
    const count = fewCommands(random);
    for (let n = 0; n < count; n += 1) {
      for (const i of [0, 1, 2]) if (bench.isConnected(i)) bench.start(i, `${round}.${n}`);
    }
    await bench.one(`round ${round} agreed`, hurt ? 2 : 3);
    if (!hurt) continue;
    if (hurt === 'disconnect') bench.connect(victim);
    else service.restart(victim);
    await bench.one(`round ${round} together`, 3);
    leader = await bench.checkOneLeader();
  }
  service.expectSound();
}

describe('2D log compaction', () => {
  scenario('snapshots basic', snapshotting(reliable), async (service, random) => {
    await rounds(service, random);
    for (const i of [0, 1, 2]) {
      expect(service.cluster.raft(i).status().snapshotIndex).to.be.at.least(190);
    }
  });

  for (const [name, hurt, network] of [
    ['install snapshots (disconnect)', 'disconnect', reliable],
    ['install snapshots (disconnect+unreliable)', 'disconnect', unreliable],
    ['install snapshots (crash)', 'crash', reliable],
    ['install snapshots (unreliable+crash)', 'crash', unreliable],
  ] as const) {
    scenario(name, snapshotting(network), async (service, random) => {
      await rounds(service, random, hurt);
      expect(service.cluster.snapshotsInstalled, 'snapshots that were installed').to.be.above(3);
    });
  }

  scenario('crash and restart all servers', snapshotting(reliable), async (service, random) => {
    const bench = service.cluster;
    await bench.one('first', 3);
    for (let round = 0; round < 5; round += 1) {
      const count = fewCommands(random);
      for (let n = 0; n < count; n += 1) await bench.one(`${round}.${n}`, 3);
      const before = await bench.one(`round ${round}`, 3);
      for (const i of [0, 1, 2]) bench.crash(i);
      for (const i of [0, 1, 2]) service.restart(i);
      expect(await bench.one(`round ${round} again`, 3)).to.be.above(before);
    }
    service.expectSound();
  });
});
