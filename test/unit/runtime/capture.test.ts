/** A simulation that was captured and put back goes on as if nothing had happened. */
import { inspect, isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { SeededRandom } from '../../../machines/random.ts';
import type { ActorImage } from '../../../runtime/image/actorImage.ts';
import {
  play,
  type ScheduledFault,
  Simulation,
  type SimulationImage,
  simulate,
} from '../../../runtime/testing.ts';
import { faultSchedule, recordsOf, roughWeather } from './simulationFaults.ts';

const runMs = 3000;
const checkpointMs = 100;
/** How long each continuation is watched, ms. */
const watchMs = 200;

interface Checkpoint {
  readonly at: number;
  readonly count: number;
  readonly hash: string;
}

/** One run with faults, captured at random points, its hash noted every 100 ms. */
async function capturedRun(seed: number, points: number) {
  const simulation = simulate(roughWeather(seed));
  const faults = faultSchedule(seed, simulation.ids, runMs - 500);
  const random = new SeededRandom(`${seed} points`);
  const captureTimes = Array.from({ length: points }, () => random.next() * (runMs - watchMs - checkpointMs));
  const checkpoints: Checkpoint[] = [];
  const images: SimulationImage[] = [];
  const booted = simulation.trace.count;
  const records = recordsOf(simulation);
  const stops = Array.from({ length: runMs / checkpointMs }, (_, i) => (i + 1) * checkpointMs);
  for (const at of [...captureTimes, ...stops].sort((a, b) => a - b)) {
    await play(simulation, faults, at);
    if (captureTimes.includes(at)) images.push(simulation.capture());
    else checkpoints.push({ at, count: simulation.trace.count, hash: simulation.trace.hash() });
  }
  simulation.stop();
  return { faults, checkpoints, images, booted, records };
}

function checkpointAfter(image: SimulationImage, checkpoints: readonly Checkpoint[]): Checkpoint {
  const found = checkpoints.find(({ at }) => at >= image.clock.now + watchMs);
  if (!found) throw new Error(`No checkpoint ${watchMs} ms after ${image.clock.now} ms.`);
  return found;
}

async function continued(image: SimulationImage, faults: readonly ScheduledFault[], checkpoint: Checkpoint) {
  const simulation = Simulation.restore(image);
  const records = recordsOf(simulation);
  await play(simulation, faults, checkpoint.at);
  const { trace } = simulation;
  const result = { records, hash: trace.hash(), count: trace.count };
  simulation.trace.onRecord = () => {};
  simulation.stop();
  return result;
}

/** The top states of an actor and of those below it. */
function statesBelow({ value, children }: ActorImage): string[] {
  const own = typeof value === 'string' ? [value] : Object.keys(value);
  return [...own, ...Object.values(children).flatMap(({ actor }) => statesBelow(actor))];
}

describe('capture', () => {
  let run: Awaited<ReturnType<typeof capturedRun>>;
  before(async () => {
    run = await capturedRun(30, 100);
  });

  it('sees the same remaining trace from each of 100 random points', async () => {
    for (const image of run.images) {
      const checkpoint = checkpointAfter(image, run.checkpoints);
      const { records, hash, count } = await continued(image, run.faults, checkpoint);
      const expected = run.records.slice(image.trace.count - run.booted, checkpoint.count - run.booted);
      const i = expected.findIndex((record, n) => record !== records[n]);
      expect(records[i], `what follows ${image.clock.now} ms, at place ${i}`).to.equal(expected[i]);
      expect({ hash, count }).to.deep.equal({ hash: checkpoint.hash, count: checkpoint.count });
    }
  });

  it('meets, at these points, all that can be under way', () => {
    const { images } = run;
    const nodes = images.flatMap((image) => image.nodes);
    const lives = nodes.flatMap(({ life }) => life?.node ?? []);
    const states = new Set(lives.flatMap(({ actors }) => statesBelow(actors)));
    const gathered = lives.map(({ actors }) => actors.children.storage?.actor.context);
    const met = {
      ...{ down: nodes.some(({ life }) => life === null), failed: lives.some(({ stopped }) => stopped) },
      writing: nodes.some(({ disk }) => disk.writing !== null),
      partitioned: images.some(({ network }) => network.cuts.length > 0),
      paused: images.some(({ clock, nodes }) => nodes.some((node) => node.clock.pausedUntil > clock.now)),
      'fast clock': nodes.some(({ clock }) => clock.rate > 1),
      flying: images.some(({ network }) => network.flights.length > 0),
      leaderless: images.some((image) => image.nodes.every(({ life }) => !life?.node.openIn)),
      'snapshot on its way in': lives.some(({ incoming }) => incoming !== undefined),
      'snapshot waiting for the disk': gathered.some((context) =>
        inspect(context).includes('stagedSnapshot'),
      ),
      ...{ preCandidate: states.has('preCandidate'), candidate: states.has('candidate') },
      ...{ leader: states.has('leader'), probing: states.has('probing') },
      ...{ replicating: states.has('replicating'), snapshotting: states.has('snapshotting') },
    };
    expect(Object.entries(met).filter(([, isMet]) => !isMet)).to.deep.equal([]);
  });

  it('is not disturbed by being captured', async () => {
    const simulation = simulate(roughWeather(30));
    await play(simulation, run.faults, runMs);
    expect(simulation.trace.hash()).to.equal(run.checkpoints.at(-1)?.hash);
    simulation.stop();
  });

  it('gives images that survive structuredClone and that a restored run leaves as they were', async () => {
    for (const image of run.images.slice(45, 50)) {
      const clone = structuredClone(image);
      expect(isDeepStrictEqual(clone, image), 'the clone is like the image').to.equal(true);
      const checkpoint = checkpointAfter(image, run.checkpoints);
      const first = await continued(image, run.faults, checkpoint);
      expect(isDeepStrictEqual(clone, image), 'the image is as it was').to.equal(true);
      const second = await continued(image, run.faults, checkpoint);
      expect(second.hash).to.equal(first.hash);
    }
  });

  it('holds what was changed on the way: the conditions of network and disks, and a node that failed', async () => {
    const calm = { nodes: 3, seed: 1, workload: { everyMs: [5, 30], bytes: [20, 200] } } as const;
    const simulation = simulate(calm);
    await simulation.until(() => simulation.leader() === 'n3', 5000);
    const [slow, failing] = [simulation.disk('n1'), simulation.disk('n2')];
    slow.conditions = { ...slow.conditions, syncMs: [2, 9] };
    failing.conditions = { ...failing.conditions, writeFailures: 1 };
    await simulation.run(1000);
    simulation.network.conditions = { ...simulation.network.conditions, requestLoss: 0.2 };
    expect(simulation.ids.map((id) => simulation.status(id)?.role)).to.deep.equal([
      ...['follower', 'stopped', 'leader'],
    ]);
    const again = Simulation.restore(simulation.capture());
    expect(again.ids.map((id) => again.status(id)?.role)).to.deep.equal(['follower', 'stopped', 'leader']);
    for (const one of [simulation, again]) await one.run(500);
    expect(again.trace.hash()).to.equal(simulation.trace.hash());
    for (const one of [simulation, again]) one.stop();
  });

  it('can be captured again right after being restored', () => {
    for (const image of run.images) {
      const simulation = Simulation.restore(image);
      expect(isDeepStrictEqual(simulation.capture(), image)).to.equal(true);
      simulation.stop();
    }
  });
});
