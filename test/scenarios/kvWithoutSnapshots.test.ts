/** Part 3A of the labs: the key/value service without a limit on the log. */
import { expect, use } from 'chai';
import type { Clerk } from 'xstate-raft';
import { chaiLinearizable, keyValueModel, recordHistory } from 'xstate-raft/testing';
import { appendTo, tagsOf } from './kvClients.ts';
import { appendsInTurn, expectBounded, kvScenario } from './kvStory.ts';
import { reliable, unreliable } from './labNetworks.ts';
import { type BenchOptions, scenario } from './scenario.ts';
import { WatchedKvCluster } from './watchedKvCluster.ts';

use(chaiLinearizable);

const unlimited = -1;

const five = (options: BenchOptions) =>
  new WatchedKvCluster(5, { ...options, conditions: reliable, maxRaftState: unlimited });
const threeUnreliable = (options: BenchOptions) =>
  new WatchedKvCluster(3, { ...options, conditions: unreliable, maxRaftState: unlimited });

/** The leader and another on one side, with two clerks that reach these alone; the others, with a clerk, on the other. */
async function cutInTwo(bench: WatchedKvCluster) {
  await bench.until(() => bench.leader() !== undefined, 5000);
  const leader = bench.leader() ?? 0;
  const [companion = 0, ...majority] = bench.all.filter((i) => i !== leader);
  const minority = [leader, companion];
  bench.split(majority, minority);
  const made = [majority, minority, minority].map((servers) => bench.clerk(servers));
  const { clerks, history } = recordHistory(made, bench.clock);
  const [ofMajority, putting, getting] = clerks as [Clerk, Clerk, Clerk]; // as many as were made
  await bench.during(ofMajority.put('1', '14'), 10_000);
  return { ofMajority, putting, getting, history };
}

/** The same, while a Put and a Get wait in the minority; `done` tells of which there was an answer. */
async function waitingInMinority(bench: WatchedKvCluster) {
  const cut = await cutInTwo(bench);
  const done: string[] = [];
  const put = cut.putting.put('1', '15').then(() => done.push('put'));
  const get = cut.getting.get('1').then(() => done.push('get'));
  const waiting = Promise.all([put, get]);
  // Where the scenario fails, they are given up.
  waiting.catch(() => {});
  await bench.sleep(1000);
  expect(done, 'operations that completed in a minority').to.deep.equal([]);
  return { ...cut, waiting };
}

describe('3A key/value without snapshots', () => {
  kvScenario('one client', unlimited, { clients: 1 });

  appendsInTurn('ops complete fast enough', unlimited);

  kvScenario('many clients', unlimited, { clients: 5 });
  kvScenario('unreliable net, many clients', unlimited, { clients: 5, isUnreliable: true });

  scenario('concurrent append to same key, unreliable', threeUnreliable, async (bench) => {
    const clients = [0, 1, 2, 3, 4];
    const { clerks, history } = recordHistory(
      clients.map(() => bench.clerk()),
      bench.clock,
    );
    const reader = bench.clerk();
    await bench.during(reader.put('k', ''));
    await bench.during(Promise.all(clerks.map((clerk, client) => appendTo('k', clerk, client, 10))));
    const value = await bench.during(reader.get('k'));
    for (const client of clients) {
      const { found, expected } = tagsOf(client, 10, value);
      expect(found, `appends of client ${client}`).to.deep.equal(expected);
    }
    expect(history).to.be.linearizable(keyValueModel);
    expectBounded(bench);
  });

  scenario('progress in majority', five, async (bench) => {
    const { ofMajority, history } = await cutInTwo(bench);
    expect(await bench.during(ofMajority.get('1'), 10_000)).to.equal('14');
    expect(history).to.be.linearizable(keyValueModel);
  });

  scenario('no progress in minority', five, async (bench) => {
    const { ofMajority, history, waiting } = await waitingInMinority(bench);
    expect(await bench.during(ofMajority.get('1'))).to.equal('14');
    await bench.during(ofMajority.put('1', '16'));
    expect(await bench.during(ofMajority.get('1'))).to.equal('16');
    expect(history).to.be.linearizable(keyValueModel);
    bench.heal();
    await bench.during(waiting);
  });

  scenario('completion after heal', five, async (bench) => {
    const { ofMajority, history, waiting } = await waitingInMinority(bench);
    bench.heal();
    await bench.during(waiting, 3000);
    expect(await bench.during(ofMajority.get('1'))).to.equal('15');
    expect(history).to.be.linearizable(keyValueModel);
  });

  kvScenario('partitions, one client', unlimited, { clients: 1, partitions: true });
  kvScenario('partitions, many clients', unlimited, { clients: 5, partitions: true });
  kvScenario('restarts, one client', unlimited, { clients: 1, restarts: true });
  kvScenario('restarts, many clients', unlimited, { clients: 5, restarts: true });
  kvScenario('unreliable net, restarts, many clients', unlimited, {
    ...{ clients: 5, isUnreliable: true, restarts: true },
  });
  kvScenario('restarts, partitions, many clients', unlimited, {
    ...{ clients: 5, restarts: true, partitions: true },
  });
  kvScenario('unreliable net, restarts, partitions, many clients', unlimited, {
    ...{ clients: 5, isUnreliable: true, restarts: true, partitions: true },
  });
  kvScenario('unreliable net, restarts, partitions, random keys, many clients', unlimited, {
    ...{ servers: 7, clients: 15, isUnreliable: true, restarts: true, partitions: true, randomKeys: true },
  });
});
