/** One seed again, told in words up to what it broke. */
import { ScriptTrace } from 'xstate-raft/testing';
import { keepSteps } from '../../runtime/simulation/soak/shrink.ts';
import { trial } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';
import type { Options } from './options.ts';
import { pageHash, scheduleText, tallyText, violationText } from './report.ts';

/** The last of what happened before a violation is enough to see how it came. */
const linesMax = 60;
/** What commands are filled up with. */
const padding = /\.{3,}/g;

/** @returns whether everything held */
export async function replay(seed: number, options: Options): Promise<boolean> {
  const drawn = planFor(seed, options.nodes, options.variant);
  // Only transitions tell all that there is to tell.
  const plan = { ...drawn, options: { ...drawn.options, transitions: true } };
  const steps = options.steps ?? plan.schedule.map((_, step) => step);
  console.log(`${JSON.stringify(plan.options, null, 2)}\n\n${scheduleText(plan, steps)}\n`);
  let told: ScriptTrace | undefined;
  const { violation, tally } = await trial(keepSteps(plan, steps), partsOf(options.variant), (simulation) => {
    told = new ScriptTrace(simulation);
    return simulation.trace.onRecord;
  });
  if (!violation) {
    console.log(`everything held\n${tallyText(tally)}`);
    return true;
  }
  const lines = told?.take().slice(-linesMax) ?? [];
  console.log(`${lines.join('\n').replaceAll(padding, '…')}\n\n${violationText(seed, violation)}`);
  console.log(
    `\nTo see it step by step: npm run page, then open what it prints with this behind it:\n${pageHash(seed, options, violation.atMs)}`,
  );
  return false;
}
