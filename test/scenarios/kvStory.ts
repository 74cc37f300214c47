/**
 * The story that most scenarios of the key/value service tell: three times clients work for a while, on a network that
 * may lose messages and be partitioned, and all servers may crash and come back.
 */
import { expect, use } from 'chai';
import { chaiLinearizable, keyValueModel, recordHistory, type SeededRandom } from 'xstate-raft/testing';
import { appendTo, tagsOf, useAnyKey, useOwnKey } from './kvClients.ts';
import { reliable, unreliable } from './labNetworks.ts';
import { isOnRealClock, scenario } from './scenario.ts';
import { WatchedKvCluster } from './watchedKvCluster.ts';

use(chaiLinearizable);

/** Limit of the Raft state where servers take snapshots, and what it is never above, bytes. */
export const maxRaftState = 1000;
const raftStateBytesMax = 8 * maxRaftState;

/** How often clients are let loose. */
const phases = 3;
/**
 * How long, ms, and how long at most a client thinks between two operations. On the real clock as in the course's own
 * suite: five seconds without a pause. In virtual time clients have a pause, so that it is about as many operations as in
 * the handout and not many times more, and the same rounds are told in less time.
 */
const loadMs = isOnRealClock ? 5000 : 1500;
const partitionedLoadMs = isOnRealClock ? 5000 : 2500;
const thinkMsMax = isOnRealClock ? 0 : 50;
/** A partition lasts so long, and up to a fifth more. */
const partitionMs = 1000;
/** An election's time, and what waits after it, ms. */
const settlingMs = 1000;
/** Operations that wait when all is well again have their answers within this, ms. */
const answerMsMax = 30_000;

/** How many appends the speed is measured with, and what one may take, ms. */
const appendCount = 1000;
const msPerOperationMax = 33;

export interface Story {
  readonly servers?: number;
  readonly clients: number;
  readonly isUnreliable?: boolean;
  readonly restarts?: boolean;
  readonly partitions?: boolean;
  /** Clients share their keys; otherwise each has its own. */
  readonly randomKeys?: boolean;
}

/** `limit`: of the Raft state, bytes; -1: no snapshots. */
export function kvScenario(name: string, limit: number, story: Story): void {
  const { servers = 5, isUnreliable = false } = story;
  const conditions = isUnreliable ? unreliable : reliable;
  scenario(
    name,
    (options) => new WatchedKvCluster(servers, { ...options, conditions, maxRaftState: limit }),
    (bench, random) => tell(story, bench, random),
  );
}

async function tell(story: Story, bench: WatchedKvCluster, random: SeededRandom): Promise<void> {
  const { clerks, history } = recordHistory(
    Array.from({ length: story.clients }, () => bench.clerk()),
    bench.clock,
  );
  for (let phase = 0; phase < phases; phase += 1) {
    const load = { isOver: false };
    const work = Promise.all(
      clerks.map(async (clerk, client) => {
        const think = () => pause(bench, random.next() * thinkMsMax);
        const ofClient = { clerk, client, random, think, isOver: () => load.isOver };
        if (story.randomKeys) return useAnyKey(ofClient, story.clients);
        const appended = await useOwnKey(ofClient);
        expect(await clerk.get(`${client}`), `the key of client ${client}`).to.equal(appended);
        expect(appended, `what client ${client} appended`).not.to.equal('');
      }),
    );
    // A client that fails is heard of below; the bench may fail before.
    work.catch(() => {});
    if (story.partitions) await partitions(bench, random);
    else await bench.sleep(loadMs);
    if (story.restarts) await restartAll(bench);
    load.isOver = true;
    await bench.during(work, answerMsMax);
    expectBounded(bench);
  }
  expect(history).to.be.linearizable(keyValueModel);
  if (bench.takesSnapshots) expect(bench.largest.snapshot, 'bytes of the largest snapshot').to.be.above(0);
}

/** One client, one append after another: how long that takes on the machine's clock is the implementation's own speed. */
export function appendsInTurn(name: string, limit: number): void {
  scenario(
    name,
    (options) => new WatchedKvCluster(3, { ...options, conditions: reliable, maxRaftState: limit }),
    async (bench) => {
      const { clerks, history } = recordHistory([bench.clerk()], bench.clock);
      const [clerk = bench.clerk()] = clerks;
      // There is a leader when this has its answer.
      await bench.during(clerk.put('x', ''));
      const begun = bench.clock.now();
      await bench.during(appendTo('x', clerk, 0, appendCount));
      const msPerOperation = (bench.clock.now() - begun) / appendCount;
      const { found, expected } = tagsOf(0, appendCount, await bench.during(clerk.get('x')));
      expect(found).to.deep.equal(expected);
      if (isOnRealClock) expect(msPerOperation, 'ms an operation').to.be.at.most(msPerOperationMax);
      expect(history).to.be.linearizable(keyValueModel);
      expectBounded(bench);
    },
  );
}

/** Every server is on one side or the other; clients reach both. */
async function partitions(bench: WatchedKvCluster, random: SeededRandom): Promise<void> {
  await bench.sleep(partitionMs);
  const end = bench.clock.now() + partitionedLoadMs;
  while (bench.clock.now() < end) {
    const sides: [number[], number[]] = [[], []];
    for (const i of bench.all) sides[random.next() < 0.5 ? 0 : 1].push(i);
    bench.split(...sides);
    await bench.sleep(partitionMs * (1 + random.next() / 5));
  }
  bench.heal();
  await bench.sleep(settlingMs);
}

/** None where it is of no length: on the machine's clock a timer takes a millisecond. */
async function pause(bench: WatchedKvCluster, ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => void bench.clock.setTimeout(resolve, ms));
}

/** In the middle of the clients' work. */
async function restartAll(bench: WatchedKvCluster): Promise<void> {
  for (const i of bench.all) bench.crash(i);
  await bench.sleep(settlingMs);
  for (const i of bench.all) bench.restart(i);
}

/** With a limit the Raft state was always near it; without one, the log is all there is. */
export function expectBounded({ largest, takesSnapshots }: WatchedKvCluster): void {
  if (takesSnapshots)
    expect(largest.raftState, 'bytes of the largest Raft state').to.be.at.most(raftStateBytesMax);
  else expect(largest.snapshot, 'bytes of the largest snapshot').to.equal(0);
}
