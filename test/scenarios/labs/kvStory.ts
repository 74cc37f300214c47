/**
 * The story that most scenarios of the key/value service tell: three times clients work for a while, on a network that
 * may lose messages and be partitioned, and all servers may crash and come back.
 */
import { expect, use } from 'chai';
import { chaiLinearizable, keyValueModel, recordHistory } from 'xstate-raft/testing';
import { appendTo, tagsOf, useAnyKey, useOwnKey } from './kvClients.ts';
import { reliable, unreliable } from './labNetworks.ts';
import { type LabScenario, labScenario, type Telling } from './labScenario.ts';
import { WatchedKvCluster } from './watchedKvCluster.ts';

use(chaiLinearizable);

/** Limit of the Raft state where servers take snapshots, and what it is never above, bytes. */
export const maxRaftState = 1000;
const raftStateBytesMax = 8 * maxRaftState;

/** How often clients are let loose. */
const phasesOfTest = 3;
/**
 * How long, ms, and how long at most a client thinks between two operations. On the real clock as in the course's own
 * suite: five seconds without a pause. In virtual time clients have a pause, so that it is about as many operations as in
 * the handout and not many times more, and the same rounds are told in less time.
 */
const paces = {
  real: { loadMs: 5000, partitionedLoadMs: 5000, thinkMsMax: 0 },
  virtual: { loadMs: 1500, partitionedLoadMs: 2500, thinkMsMax: 50 },
} as const;
/** Of many clients, so many are enough to somebody who looks on, and so much of the time of partitions, ms. */
const clientsToSee = 2;
const partitionsToSeeMs = 1500;
/** A partition lasts so long, and up to a fifth more. */
const partitionMs = 1000;
/** An election's time, and what waits after it, ms. */
const settlingMs = 1000;
/** Operations that wait when all is well again have their answers within this, ms. */
const answerMsMax = 30_000;

/** How many appends the speed is measured with, and what one may take, ms. */
const appendsOfTest = 1000;
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
export function kvScenario(name: string, limit: number, story: Story): LabScenario {
  const { servers = 5, isUnreliable = false } = story;
  const conditions = isUnreliable ? unreliable : reliable;
  return labScenario(
    name,
    aboutStory(story, limit),
    (options) => new WatchedKvCluster(servers, { ...options, conditions, maxRaftState: limit }),
    (bench, telling) => tell(story, bench, telling),
  );
}

function aboutStory(
  { clients, isUnreliable, restarts, partitions, randomKeys }: Story,
  limit: number,
): string {
  return [
    clients === 1
      ? 'A client appends to its key and reads it.'
      : 'Clients append to keys and read them, all at once.',
    ...(isUnreliable ? ['The network loses one message in ten, and delays all.'] : []),
    ...(partitions ? ['About every second the servers are parted anew, at random.'] : []),
    ...(restarts ? ['All servers crash and come back.'] : []),
    ...(limit >= 0 ? ['Their logs stay small: snapshots take the place of entries.'] : []),
    randomKeys
      ? 'Whatever they were answered must have an explanation in which one thing was done after the other.'
      : 'Each client finds what it appended, each once, in order.',
  ].join(' ');
}

async function tell(story: Story, bench: WatchedKvCluster, telling: Telling): Promise<void> {
  const { random, realTime, say, times } = telling;
  const pace = realTime ? paces.real : paces.virtual;
  const phases = times(phasesOfTest, 1);
  const clientCount = times(story.clients, Math.min(story.clients, clientsToSee));
  const { clerks, history } = recordHistory(
    Array.from({ length: clientCount }, () => bench.clerk()),
    bench.clock,
  );
  for (let phase = 0; phase < phases; phase += 1) {
    const load = { isOver: false };
    say(clientCount === 1 ? 'A client begins.' : `${clientCount} clients begin.`);
    const work = Promise.all(
      clerks.map(async (clerk, client) => {
        const think = () => pause(bench, random.next() * pace.thinkMsMax);
        const ofClient = { clerk, client, random, think, isOver: () => load.isOver };
        if (story.randomKeys) return useAnyKey(ofClient, clientCount);
        const appended = await useOwnKey(ofClient);
        expect(await clerk.get(`${client}`), `the key of client ${client}`).to.equal(appended);
        expect(appended, `what client ${client} appended`).not.to.equal('');
      }),
    );
    // A client that fails is heard of below; the bench may fail before.
    work.catch(() => {});
    if (story.partitions) await partitions(bench, telling, times(pace.partitionedLoadMs, partitionsToSeeMs));
    else await bench.sleep(pace.loadMs);
    if (story.restarts) await restartAll(bench, telling);
    load.isOver = true;
    say('The clients finish what they have begun, and each looks at its key once more.');
    await bench.during(work, answerMsMax);
    expectBounded(bench);
  }
  expect(history).to.be.linearizable(keyValueModel);
  if (bench.takesSnapshots) expect(bench.largest.snapshot, 'bytes of the largest snapshot').to.be.above(0);
}

/** One client, one append after another: how long that takes on the machine's clock is the implementation's own speed. */
export function appendsInTurn(name: string, limit: number): LabScenario {
  return labScenario(
    name,
    'One client appends again and again, each time when the last one was answered: that must not wait for a heartbeat.',
    (options) => new WatchedKvCluster(3, { ...options, conditions: reliable, maxRaftState: limit }),
    async (bench, { realTime, say, times }) => {
      const appendCount = times(appendsOfTest, 20);
      const { clerks, history } = recordHistory([bench.clerk()], bench.clock);
      const [clerk = bench.clerk()] = clerks;
      // There is a leader when this has its answer.
      await bench.during(clerk.put('x', ''));
      say(`${appendCount} appends.`);
      const begun = bench.clock.now();
      await bench.during(appendTo('x', clerk, 0, appendCount));
      const msPerOperation = (bench.clock.now() - begun) / appendCount;
      const { found, expected } = tagsOf(0, appendCount, await bench.during(clerk.get('x')));
      expect(found).to.deep.equal(expected);
      if (realTime) expect(msPerOperation, 'ms an operation').to.be.at.most(msPerOperationMax);
      expect(history).to.be.linearizable(keyValueModel);
      expectBounded(bench);
    },
  );
}

/** Every server is on one side or the other; clients reach both. */
async function partitions(bench: WatchedKvCluster, { random, say }: Telling, loadMs: number): Promise<void> {
  await bench.sleep(partitionMs);
  say('The servers are parted, again and again. Clients reach all of them: only a majority can answer.');
  const end = bench.clock.now() + loadMs;
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
async function restartAll(bench: WatchedKvCluster, { say }: Telling): Promise<void> {
  say('All servers crash, in the middle of the clients’ work, and come back with what they had persisted.');
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
