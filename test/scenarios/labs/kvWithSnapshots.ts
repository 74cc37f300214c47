/** Part 3B of the labs: the key/value service with a limit on the Raft state. */
import { expect, use } from 'chai';
import { chaiLinearizable, keyValueModel, recordHistory } from 'xstate-raft/testing';
import { appendsInTurn, expectBounded, kvScenario, maxRaftState } from './kvStory.ts';
import { reliable } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario } from './labScenario.ts';
import { WatchedKvCluster } from './watchedKvCluster.ts';

use(chaiLinearizable);

/** After all that was put over a few keys, bytes. */
const snapshotBytesMax = 500;

const three = (options: BenchOptions) =>
  new WatchedKvCluster(3, { ...options, conditions: reliable, maxRaftState });

export const kvWithSnapshots: readonly LabScenario[] = [
  labScenario(
    'InstallSnapshot RPC',
    'A server is cut off while so much happens that the log no longer has what it needs. It gets the snapshot, and answers as the others do.',
    three,
    async (bench, { say }) => {
      const { clerks, history } = recordHistory([bench.clerk()], bench.clock);
      const [clerk = bench.clerk()] = clerks;
      const put = (key: string, value: string) => bench.during(clerk.put(key, value), 10_000);
      const read = (...keys: string[]) =>
        bench.during(Promise.all(keys.map((key) => clerk.get(key))), 10_000);
      await put('a', 'A');
      expect(await read('a')).to.deep.equal(['A']);
      say('n2 is cut off, and falls so far behind that the entries it lacks are gone.');
      bench.partition([0, 1], [2]);
      for (let n = 0; n < 50; n += 1) await put(`${n}`, `${n}`);
      await bench.sleep(1000);
      await put('b', 'B');
      const lastHeard = bench.status(2)?.lastLogIndex ?? 0;
      for (const i of [0, 1]) expect(bench.status(i)?.snapshotIndex).to.be.above(lastHeard);
      say('n0 knows, n2 has to catch up: it gets the snapshot.');
      bench.partition([0, 2], [1]);
      await put('c', 'C');
      await put('d', 'D');
      expect(await read('a', 'b', '1', '49')).to.deep.equal(['A', 'B', '1', '49']);
      expect(bench.status(2)?.snapshotIndex, 'index of the snapshot installed').to.be.above(lastHeard);
      say('n2 is cut off once more.');
      bench.partition([0, 1], [2]);
      await put('e', 'E');
      expect(await read('c', 'e', '1')).to.deep.equal(['C', 'E', '1']);
      expect(history).to.be.linearizable(keyValueModel);
      expectBounded(bench);
    },
  ),

  labScenario(
    'snapshot size is reasonable',
    'Many puts that overwrite a few keys: the snapshot holds the keys, not their history.',
    three,
    async (bench, { say, times }) => {
      const rounds = times(200, 20);
      say(`${4 * rounds} puts to four keys.`);
      const clerk = bench.clerk();
      const keys = ['x', 'y', 'z', 'w'];
      for (let n = 0; n < rounds; n += 1) {
        for (const key of keys) await bench.during(clerk.put(key, `${n}`));
      }
      expect(await bench.during(Promise.all(keys.map((key) => clerk.get(key))))).to.deep.equal(
        keys.map(() => `${rounds - 1}`),
      );
      expect(bench.largest.snapshot, 'bytes of the largest snapshot').to.be.within(1, snapshotBytesMax);
      expectBounded(bench);
    },
  ),

  appendsInTurn('ops complete fast enough', maxRaftState),

  kvScenario('restarts, snapshots, one client', maxRaftState, { clients: 1, restarts: true }),
  kvScenario('restarts, snapshots, many clients', maxRaftState, { clients: 20, restarts: true }),
  kvScenario('unreliable net, snapshots, many clients', maxRaftState, { clients: 5, isUnreliable: true }),
  kvScenario('unreliable net, restarts, snapshots, many clients', maxRaftState, {
    ...{ clients: 5, isUnreliable: true, restarts: true },
  }),
  kvScenario('unreliable net, restarts, partitions, snapshots, many clients', maxRaftState, {
    ...{ clients: 5, isUnreliable: true, restarts: true, partitions: true },
  }),
  kvScenario('unreliable net, restarts, partitions, snapshots, random keys, many clients', maxRaftState, {
    ...{ servers: 7, clients: 15, isUnreliable: true, restarts: true, partitions: true, randomKeys: true },
  }),
];
