/** Part 2D of the labs: the service snapshots every tenth index, from the very callback that hears what is applied. */
import { expect } from 'chai';
import { type Cluster, cluster, conditions, SeededRandom } from 'xstate-raft/testing';

const utf8 = new TextEncoder();
/** bytes; about eighty an entry, looked at whenever a server has applied something */
const stateBytesMax = 2000;

function snapshotting(network = conditions.reliable): Cluster {
  const bench: Cluster = cluster(3, {
    conditions: network,
    onApply: (server, message, raft) => {
      if (!('commandValid' in message)) return;
      if (message.commandIndex % 10 === 9) {
        raft.snapshot(message.commandIndex, utf8.encode(`everything up to ${message.commandIndex}`));
      }
      sizes.set(server, Math.max(sizes.get(server) ?? 0, bench.persister(server).raftStateSize()));
    },
  });
  return bench;
}
const sizes = new Map<number, number>();

describe('2D log compaction', () => {
  let bench: Cluster;
  beforeEach(() => sizes.clear());
  afterEach(() => {
    bench.stop();
    for (const [server, bytes] of sizes) {
      expect(bytes, `largest Raft state of server ${server}`).to.be.below(stateBytesMax);
    }
  });

  async function rounds(hurt?: 'disconnect' | 'crash'): Promise<void> {
    const random = new SeededRandom(`2D ${hurt}`);
    await bench.one('first', 3);
    let leader = await bench.checkOneLeader();
    for (let round = 0; round < 30; round += 1) {
      const [victim, sender] = round % 3 === 1 ? [leader, (leader + 1) % 3] : [(leader + 1) % 3, leader];
      if (hurt === 'disconnect') bench.disconnect(victim);
      if (hurt === 'crash') bench.crash(victim);
      if (hurt) await bench.one(`round ${round}`, 2);
      const count = 5 + Math.floor(random.next() * 10);
      for (let i = 0; i < count; i += 1) bench.start(sender, `${round}.${i}`);
      // So that the victim's log is surely gone from the others.
      await bench.one(`round ${round} agreed`, hurt ? 2 : 3);
      if (hurt === 'disconnect') bench.connect(victim);
      if (hurt === 'crash') bench.restart(victim);
      if (hurt) {
        await bench.one(`round ${round} together`, 3);
        leader = await bench.checkOneLeader();
      }
    }
  }

  it('snapshots basic', async () => {
    bench = snapshotting();
    await rounds();
    for (const i of [0, 1, 2]) expect(bench.raft(i).status().snapshotIndex).to.be.at.least(190);
  });

  for (const [name, hurt, network] of [
    ['install snapshots (disconnect)', 'disconnect', conditions.reliable],
    ['install snapshots (disconnect+unreliable)', 'disconnect', conditions.unreliable],
    ['install snapshots (crash)', 'crash', conditions.reliable],
    ['install snapshots (unreliable+crash)', 'crash', conditions.unreliable],
  ] as const) {
    it(name, async () => {
      bench = snapshotting(network);
      await rounds(hurt);
      expect(bench.snapshotsInstalled, 'snapshots that were installed').to.be.above(3);
    });
  }

  it('crash and restart all servers', async () => {
    bench = snapshotting();
    const random = new SeededRandom('2D all');
    await bench.one('first', 3);
    for (let round = 0; round < 5; round += 1) {
      const count = 10 + Math.floor(random.next() * 10);
      for (let i = 0; i < count; i += 1) await bench.one(`${round}.${i}`, 3);
      const before = await bench.one(`round ${round}`, 3);
      for (const i of [0, 1, 2]) bench.crash(i);
      for (const i of [0, 1, 2]) bench.restart(i);
      expect(await bench.one(`round ${round} again`, 3)).to.be.above(before);
    }
  });
});
