import { expect } from 'chai';
import fc from 'fast-check';
import { Model, plain, textOf, useWorkplace, write } from './segmentedLogFixture.ts';
import { type GroupPlan, groupOf, groupPlan, snapshotText } from './segmentedLogPlan.ts';

type Step = 'reopen' | 'crash' | GroupPlan;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: groupPlan },
    { weight: 1, arbitrary: fc.constantFrom<Step>('reopen', 'crash') },
  ),
  { maxLength: 60 },
);

describe('the segmented log against a model', () => {
  const workplace = useWorkplace();

  it('holds after any groups and restarts what the model holds', async () => {
    const property = fc.asyncProperty(steps, async (plans) => {
      const options = { spareSegmentsMax: 2 };
      let folder = await workplace.folder();
      let storage = await workplace.open(folder, options);
      const model = new Model();
      for (const plan of [...plans, 'reopen' as const]) {
        if (typeof plan === 'string') {
          if (plan === 'crash') folder = await workplace.copy(folder);
          else await storage.close();
          storage = await workplace.open(folder, options);
          expect(plain(storage.recovered)).to.deep.equal(model.state);
          expect(await textOf(storage.snapshot())).to.equal(snapshotText(model.state.snapshot));
        } else {
          const group = await groupOf(plan, model, storage);
          await write(storage, group);
          model.apply(group);
          expect(await textOf(storage.snapshot())).to.equal(snapshotText(model.state.snapshot));
        }
      }
      await workplace.cleanUp();
    });
    await fc.assert(property, { numRuns: 60 });
  });
});
