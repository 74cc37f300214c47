/** Part 3A of the labs: the key/value service without a limit on the log. */
import { expect, use } from 'chai';
import type { Clerk } from 'xstate-raft';
import { chaiLinearizable, keyValueModel, recordHistory } from 'xstate-raft/testing';
import { appendTo, tagsOf } from './kvClients.ts';
import { appendsInTurn, expectBounded, kvScenario } from './kvStory.ts';
import { reliable, unreliable } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario, type Telling } from './labScenario.ts';
import { WatchedKvCluster } from './watchedKvCluster.ts';

use(chaiLinearizable);

const unlimited = -1;

const five = (options: BenchOptions) =>
  new WatchedKvCluster(5, { ...options, conditions: reliable, maxRaftState: unlimited });
const threeUnreliable = (options: BenchOptions) =>
  new WatchedKvCluster(3, { ...options, conditions: unreliable, maxRaftState: unlimited });

/** The leader and another on one side, with two clerks that reach these alone; the others, with a clerk, on the other. */
async function cutInTwo(bench: WatchedKvCluster, { say }: Telling) {
  await bench.until(() => bench.leader() !== undefined, 5000);
  const leader = bench.leader() ?? 0;
  const [companion = 0, ...majority] = bench.all.filter((i) => i !== leader);
  const minority = [leader, companion];
  say('The leader and another server are cut off from the other three.');
  bench.split(majority, minority);
  const made = [majority, minority, minority].map((servers) => bench.clerk(servers));
  const { clerks, history } = recordHistory(made, bench.clock);
  const [ofMajority, putting, getting] = clerks as [Clerk, Clerk, Clerk]; // as many as were made
  await bench.during(ofMajority.put('1', '14'), 10_000);
  return { ofMajority, putting, getting, history };
}

/** The same, while a Put and a Get wait in the minority; `done` tells of which there was an answer. */
async function waitingInMinority(bench: WatchedKvCluster, telling: Telling) {
  const cut = await cutInTwo(bench, telling);
  telling.say('A put of 15 and a get are asked of the two. Neither may be answered.');
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

export const kvWithoutSnapshots: readonly LabScenario[] = [
  kvScenario('one client', unlimited, { clients: 1 }),

  appendsInTurn('ops complete fast enough', unlimited),

  kvScenario('many clients', unlimited, { clients: 5 }),
  kvScenario('unreliable net, many clients', unlimited, { clients: 5, isUnreliable: true }),

  labScenario(
    'concurrent append to same key, unreliable',
    'Five clients append to one key at once, on a network that loses messages: each append is there once, each client’s in order.',
    threeUnreliable,
    async (bench, { say }) => {
      say(
        'Five clients, ten appends each. A request that seems lost is sent again, and must take effect once.',
      );
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
    },
  ),

  labScenario(
    'progress in majority',
    'The leader is in a minority: the majority elects another, and answers.',
    five,
    async (bench, telling) => {
      const { ofMajority, history } = await cutInTwo(bench, telling);
      expect(await bench.during(ofMajority.get('1'), 10_000)).to.equal('14');
      expect(history).to.be.linearizable(keyValueModel);
    },
  ),

  labScenario(
    'no progress in minority',
    'A put and a get wait at a leader that has no majority: for as long as that is so, they have no answer.',
    five,
    async (bench, telling) => {
      const { ofMajority, history, waiting } = await waitingInMinority(bench, telling);
      expect(await bench.during(ofMajority.get('1'))).to.equal('14');
      telling.say('The majority goes on meanwhile.');
      await bench.during(ofMajority.put('1', '16'));
      expect(await bench.during(ofMajority.get('1'))).to.equal('16');
      expect(history).to.be.linearizable(keyValueModel);
      telling.say('The network is whole again: what waits is answered.');
      bench.heal();
      await bench.during(waiting);
    },
  ),

  labScenario(
    'completion after heal',
    'They have their answers soon after the network is whole again.',
    five,
    async (bench, telling) => {
      const { ofMajority, history, waiting } = await waitingInMinority(bench, telling);
      telling.say('The network is whole again: what waits is answered.');
      bench.heal();
      await bench.during(waiting, 3000);
      expect(await bench.during(ofMajority.get('1'))).to.equal('15');
      expect(history).to.be.linearizable(keyValueModel);
    },
  ),

  kvScenario('partitions, one client', unlimited, { clients: 1, partitions: true }),
  kvScenario('partitions, many clients', unlimited, { clients: 5, partitions: true }),
  kvScenario('restarts, one client', unlimited, { clients: 1, restarts: true }),
  kvScenario('restarts, many clients', unlimited, { clients: 5, restarts: true }),
  kvScenario('unreliable net, restarts, many clients', unlimited, {
    ...{ clients: 5, isUnreliable: true, restarts: true },
  }),
  kvScenario('restarts, partitions, many clients', unlimited, {
    ...{ clients: 5, restarts: true, partitions: true },
  }),
  kvScenario('unreliable net, restarts, partitions, many clients', unlimited, {
    ...{ clients: 5, isUnreliable: true, restarts: true, partitions: true },
  }),
  kvScenario('unreliable net, restarts, partitions, random keys, many clients', unlimited, {
    ...{ servers: 7, clients: 15, isUnreliable: true, restarts: true, partitions: true, randomKeys: true },
  }),
];
