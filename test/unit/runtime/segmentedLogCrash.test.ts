import { readdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Storage } from '../../../machines/ports.ts';
import { openSegmentedLog } from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';
import { CrashFiles } from './segmentedLogCrashFiles.ts';
import { identity, Model, plain, segmentBytes, textOf, useWorkplace, write } from './segmentedLogFixture.ts';
import { type GroupPlan, groupOf, groupPlan, snapshotText } from './segmentedLogPlan.ts';

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

/** A node's storage through the lives of its process, compared with what was acknowledged. */
class Survivor {
  files: CrashFiles;
  readonly #folder: string;
  #acknowledged = new Model();
  #underWay: Model | undefined;

  constructor(folder: string, files: CrashFiles) {
    this.#folder = folder;
    this.files = files;
  }

  /** Opens the storage, checks what it holds, and writes what is planned until it is done or the process is stopped. */
  async live(plans: GroupPlan[]): Promise<void> {
    // The locks are real files, and their holder is this very process.
    for (const name of await readdir(this.#folder)) await unlink(path.join(this.#folder, name));
    await Promise.race([this.#run(plans), this.files.stopped]);
  }

  async #run(plans: GroupPlan[]): Promise<void> {
    const options = { segmentBytes, spareSegmentsMax: 1, files: this.files };
    const storage = await openSegmentedLog(this.#folder, identity, options);
    await this.#check(storage);
    for (let plan = plans.shift(); plan; plan = plans.shift()) {
      const group = await groupOf(plan, this.#acknowledged, storage);
      this.#underWay = this.#acknowledged.copy();
      this.#underWay.apply(group);
      await write(storage, group);
      this.#acknowledged = this.#underWay;
      this.#underWay = undefined;
    }
    await storage.close();
  }

  async #check(storage: Storage): Promise<void> {
    const found = plain(storage.recovered);
    if (this.#underWay && JSON.stringify(found) === JSON.stringify(this.#underWay.state)) {
      this.#acknowledged = this.#underWay;
    }
    this.#underWay = undefined;
    expect(found).to.deep.equal(this.#acknowledged.state);
    expect(await textOf(storage.snapshot())).to.equal(snapshotText(found.snapshot));
  }
}

/** One life of a process: it ends with a kill or with the power, after so many changes to the disk. */
const life = fc.record({ steps: fc.nat(150), losesPower: fc.boolean() });

const vote: GroupPlan = {
  hardState: { term: 1, votedFor: 'n1' },
  snapshot: undefined,
  dropped: undefined,
  entries: undefined,
};

describe('the segmented log after a crash', () => {
  const workplace = useWorkplace();

  it('holds all that was acknowledged, and of the group under way all or nothing', async () => {
    const plans = fc.array(groupPlan, { minLength: 5, maxLength: 60 });
    const lives = fc.array(life, { minLength: 1, maxLength: 8 });
    const property = fc.asyncProperty(plans, lives, fc.integer(), async (groups, crashes, seed) => {
      const waiting = [...groups];
      const folder = await workplace.folder();
      const survivor = new Survivor(folder, new CrashFiles(folder, chanceOf(seed), crashes[0]?.steps));
      for (const [i, { losesPower }] of crashes.entries()) {
        await survivor.live(waiting);
        const { files } = survivor;
        const steps = crashes[i + 1]?.steps;
        survivor.files = losesPower ? files.afterPowerLoss(steps) : files.afterKill(steps);
      }
      await survivor.live(waiting);
      // Once more, for what was written last.
      await survivor.live([]);
      await workplace.cleanUp();
    });
    await fc.assert(property, { numRuns: 150 });
  });

  it('holds what a restart has found, even if that was never synced before and the power goes right after', async () => {
    const folder = await workplace.folder();
    for (let steps = 0; steps < 40; steps += 1) {
      for (let seed = 0; seed < 5; seed += 1) {
        const survivor = new Survivor(folder, new CrashFiles(folder, chanceOf(seed), steps));
        await survivor.live([vote, vote]);
        survivor.files = survivor.files.afterKill();
        await survivor.live([]);
        survivor.files = survivor.files.afterPowerLoss();
        await survivor.live([]);
      }
    }
  });

  it('holds it, too, if it came in the middle of the first use, and another one soon after', async () => {
    const folder = await workplace.folder();
    for (let firstSteps = 0; firstSteps < 20; firstSteps += 1) {
      for (let secondSteps = 0; secondSteps < 25; secondSteps += 1) {
        const seed = firstSteps * 100 + secondSteps;
        const survivor = new Survivor(folder, new CrashFiles(folder, chanceOf(seed), firstSteps));
        await survivor.live([vote]);
        survivor.files = survivor.files.afterKill(secondSteps);
        await survivor.live([vote]);
        survivor.files = survivor.files.afterPowerLoss();
        await survivor.live([]);
      }
    }
  });
});
