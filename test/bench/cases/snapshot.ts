/** What clients notice while nodes take snapshots of many keys, and while a follower is sent one. */
import { eventually } from '../../eventually.ts';
import type { Bench, Load } from '../bench.ts';
import type { BenchCase, Claim } from '../benchCase.ts';
import { faulty, type Measurement } from '../measure/measurement.ts';
import { type Rounds, ratioOf } from '../measure/ratio.ts';
import { roundsTable } from '../report/roundsTable.ts';
import { RaftCluster } from '../systems/raftCluster.ts';
import { figures } from './sideBySide.ts';

const keysMost = 1_000_000;
const valueBytes = 100;
/** MiB of log after which a snapshot is due: at once when the last one is done, and never within a run. */
const [always, never] = ['1', '65536'];
/** Behind so many entries, a follower needs the snapshot: they are more than 1 MiB. */
const behind = 50_000;
const restartMsMax = 60_000;
const compactionMsMax = 60_000;

const [quiet, taking, sending] = ['no snapshot', 'taking snapshots', 'taking them, and sending one'];

/** The load, begun while a follower that lacks what the log has let go of comes back. */
async function measureSending(bench: Bench, cluster: RaftCluster, load: Load): Promise<Measurement> {
  const { place: leader } = await cluster.leadership();
  const follower = (leader + 1) % cluster.targets.length;
  const { lastLogIndex } = await cluster.factsOf(leader);
  await cluster.kill(follower);
  await bench.write(cluster, behind, valueBytes, load.keys, leader);
  await eventually(
    'the log has let go of what the follower lacks',
    async () => {
      const { snapshotIndex } = await cluster.factsOf(leader);
      return snapshotIndex > lastLogIndex + behind / 2 ? true : undefined;
    },
    compactionMsMax,
  );
  await cluster.restart(follower);
  const facts = await cluster.facts();
  const lacks = (facts[follower]?.lastLogIndex ?? 0) < (facts[leader]?.snapshotIndex ?? 0);
  const round = await bench.measure(cluster, load);
  await eventually(
    'the follower has the snapshot',
    async () => {
      const { lastApplied = 0 } = (await cluster.facts().catch(() => []))[follower] ?? {};
      return lastApplied > (facts[leader]?.snapshotIndex ?? 0) ? true : undefined;
    },
    restartMsMax,
  );
  return lacks ? round : faulty('the follower was back before it could be looked at');
}

function claimOf(what: string, one: Rounds, other: Rounds): Claim {
  return { what, figure: ratioOf(one, other, figures.p99), target: { atMost: 2 } };
}

export const snapshot: BenchCase = {
  name: 'snapshot',
  title: 'p99 of SET while snapshots of 10^6 keys are taken and sent (as far as --entries lets it)',
  steps: ({ rounds }) => 3 * rounds,
  run: async (bench) => {
    const clusters = [
      await RaftCluster.prepare(3, { settings: ['--snapshot-log', never], title: quiet }),
      await RaftCluster.prepare(3, { settings: ['--snapshot-log', always], title: taking }),
    ];
    return bench.using(clusters, async ([idle, busy]) => {
      if (!idle || !busy) throw new RangeError('There is no cluster.');
      const keys = Math.min(keysMost, bench.options.entries);
      for (const cluster of [idle, busy]) await bench.fill(cluster, keys, valueBytes);
      const load = { command: 'set', clients: 50, keys, valueBytes } as const;
      const names = [quiet, taking, sending];
      const results = names.map((system) => ({ system, rounds: [] as Measurement[] }));
      for (let round = 0; round < bench.options.rounds; round += 1) {
        results[0]?.rounds.push(await bench.measure(idle, load));
        results[1]?.rounds.push(await bench.measure(busy, load));
        results[2]?.rounds.push(await measureSending(bench, busy, load));
      }
      const [without, withTaking, withSending] = results;
      if (!without || !withTaking || !withSending) throw new RangeError('There are no rounds.');
      return {
        claims: [
          claimOf(`p99 while every node takes snapshots of ${keys} keys, against none`, withTaking, without),
          claimOf('p99 while a follower is sent one besides, against none', withSending, without),
        ],
        tables: [
          roundsTable(`SET, 50 clients on the leader, among ${keys} keys of ${valueBytes} bytes`, [
            { load: '50 clients', systems: results },
          ]),
        ],
        plots: [],
        data: results,
      };
    });
  },
};
