/** A simulation that was captured while a replaced snapshot was on its way goes on with that snapshot. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { Simulation, type SimulationImage, simulate } from '../../../runtime/testing.ts';

/** A follower that was away too long, a snapshot of many chunks, and a log that is compacted faster than it travels. */
async function longTransfer() {
  const simulation = simulate({
    ...{ nodes: 3, seed: 3, network: { hopMs: [20, 30] } },
    workload: { everyMs: [2, 6], bytes: [20, 200] },
    snapshots: { everyEntries: 20, bytes: 8 * 256 * 1024 },
  });
  await simulation.until(() => simulation.leader() !== undefined, 5000);
  const leader = simulation.leader();
  const away = simulation.ids.find((id) => id !== leader) ?? '';
  simulation.crash(away);
  await simulation.run(1000);
  simulation.restart(away);
  return { simulation, away };
}

/** The indexes of the snapshots that are held for a transfer, and those of the durable ones, of each node that is up. */
function snapshotsOf({ nodes }: SimulationImage) {
  return nodes.flatMap(({ life, disk }) => {
    const outgoing = (life?.node.outgoing ?? []) as [string, { index: number }][]; // as the node made it
    return outgoing.map(([, { index }]) => ({ held: index, stored: disk.snapshot.index }));
  });
}

describe('an image of a transfer', () => {
  let image: SimulationImage;
  let simulation: Simulation;
  let away: string;

  beforeEach(async () => {
    ({ simulation, away } = await longTransfer());
    let found: SimulationImage | undefined;
    for (let ms = 0; ms < 500 && !found; ms += 10) {
      await simulation.run(10);
      const now = simulation.capture();
      if (snapshotsOf(now).some(({ held, stored }) => held < stored)) found = now;
    }
    expect(found, 'a moment at which the snapshot on its way is not the newest').not.to.equal(undefined);
    if (found) image = found;
  });
  afterEach(() => simulation.stop());

  it('holds the replaced snapshot, so that the transfer goes on and ends as it would have', async () => {
    const [transfer] = snapshotsOf(image);
    const again = Simulation.restore(structuredClone(image));
    let installed = 0;
    await again.until(() => {
      installed = again.status(away)?.snapshotIndex ?? 0;
      return installed > 0;
    }, 2000);
    expect(installed).to.equal(transfer?.held);
    await again.run(300);
    await simulation.run(again.clock.now() - simulation.clock.now());
    expect(again.trace.hash()).to.equal(simulation.trace.hash());
    again.stop();
  });

  it('shares no memory with what goes on', async () => {
    const before = structuredClone(image);
    const again = Simulation.restore(image);
    await again.run(500);
    again.stop();
    await simulation.run(500);
    expect(isDeepStrictEqual(image, before)).to.equal(true);
  });
});
