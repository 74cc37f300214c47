import { readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Storage } from '../../../machines/ports.ts';
import { openSegmentedLog } from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';
import { CrashFiles } from './segmentedLogCrashFiles.test.ts';
import {
  identity,
  Model,
  plain,
  segmentBytes,
  textOf,
  useWorkplace,
  write,
} from './segmentedLogFixture.test.ts';
import { groupOf, groupPlan, snapshotText } from './segmentedLogPlan.test.ts';

/** Numbers in [0, 1) that a seed decides (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One life of a process: it ends with a kill or with the power, after so many changes to the disk. */
const life = fc.record({ steps: fc.nat(150), losesPower: fc.boolean() });

describe('the segmented log after a crash', () => {
  const workplace = useWorkplace();

  it('holds all that was acknowledged, and of the group under way all or nothing', async () => {
    const plans = fc.array(groupPlan, { minLength: 5, maxLength: 60 });
    const lives = fc.array(life, { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(plans, lives, fc.integer(), async (groups, crashes, seed) => {
      const folder = await workplace.folder();
      const waiting = [...groups];
      let files = new CrashFiles(folder, chanceOf(seed), crashes[0]?.steps);
      let acknowledged = new Model();
      let underWay: Model | undefined;

      const check = async (storage: Storage) => {
        const found = plain(storage.recovered);
        if (underWay && JSON.stringify(found) === JSON.stringify(underWay.state)) acknowledged = underWay;
        underWay = undefined;
        expect(found).to.deep.equal(acknowledged.state);
        expect(await textOf(storage.snapshot())).to.equal(snapshotText(found.snapshot));
      };
      const live = async () => {
        const storage = await openSegmentedLog(folder, identity, {
          segmentBytes,
          spareSegmentsMax: 1,
          files,
        });
        await check(storage);
        for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
          const group = await groupOf(plan, acknowledged, storage);
          underWay = acknowledged.copy();
          underWay.apply(group);
          await write(storage, group);
          acknowledged = underWay;
          underWay = undefined;
        }
        await storage.close();
      };

      for (const [i, { losesPower }] of crashes.entries()) {
        await Promise.race([live(), files.stopped]);
        // The locks are real ones, and their holder is this very process.
        for (const name of await readdir(folder)) await unlink(path.join(folder, name));
        const steps = crashes[i + 1]?.steps ?? Number.POSITIVE_INFINITY;
        files = losesPower ? files.afterPowerLoss(steps) : files.afterKill(steps);
      }
      await live();
      // Once more, for what was written last.
      await live();
      await workplace.cleanUp();
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
