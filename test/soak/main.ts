/** `npm run soak`: many seeds on all cores; a failing one is shrunk to the fewest faults that still break it. */
import { shrink } from '../../runtime/simulation/soak/shrink.ts';
import { addTally, emptyTally, type Tally } from '../../runtime/simulation/soak/tally.ts';
import { trial } from '../../runtime/simulation/soak/trial.ts';
import { partsOf, planFor } from '../../runtime/simulation/soak/variants.ts';
import { appendEvidence, commitOfCheckout } from '../terminal/evidence.ts';
import { ProgressBar } from '../terminal/progressBar.ts';
import { dateText, interruptedExitCode, interruption, run } from '../terminal/run.ts';
import type { Errand, Outcome } from './job.ts';
import { runErrands } from './jobs.ts';
import { type Options, readOptions } from './options.ts';
import { replay } from './replay.ts';
import { missingText, replayCommand, scheduleText, tallyText, violationText } from './report.ts';

/** More than these tell nothing new, and shrinking takes long. */
const shrunkMax = 3;

function* errandsOf({ seeds, from, nodes, variant }: Options): Generator<Errand> {
  for (let seed = from; seed < from + seeds; seed += 1) {
    yield { seed, nodes, ...(variant !== undefined && { variant }) };
  }
}

async function shrunkText({ seed, violation }: Outcome, options: Options): Promise<string> {
  if (!violation) return '';
  const plan = planFor(seed, options.nodes, options.variant);
  const steps = await shrink(plan, violation, async (smaller) => {
    const again = await trial(smaller, partsOf(options.variant));
    return again.violation?.invariant === violation.invariant;
  });
  return `${steps.length} of ${plan.schedule.length} faults break it too:\n${scheduleText(plan, steps)}\n${replayCommand(seed, steps, options)}\n`;
}

interface Harvest {
  readonly sum: Tally;
  readonly failed: readonly Outcome[];
  /** Seeds that were run. */
  readonly done: number;
}

async function soak(options: Options, signal: AbortSignal): Promise<Harvest> {
  const { seeds, jobs } = options;
  const bar = new ProgressBar(seeds);
  const sum = emptyTally();
  const failed: Outcome[] = [];
  let done = 0;
  await runErrands(errandsOf(options), Math.min(jobs, seeds), signal, (outcome) => {
    done += 1;
    addTally(sum, outcome.tally);
    if (outcome.violation) {
      failed.push(outcome);
      bar.print(violationText(outcome.seed, outcome.violation));
    }
    bar.advance(outcome.violation !== undefined);
  });
  bar.clear();
  return { sum, failed, done };
}

async function main(options: Options): Promise<number> {
  if (options.replay !== undefined) return (await replay(options.replay, options)) ? 0 : 1;
  const signal = interruption();
  const { seeds, from, nodes, jobs, variant, evidence } = options;
  const commit = evidence === undefined ? '' : commitOfCheckout();
  const title = `${seeds} seeds from ${from} on, ${nodes} nodes${variant === undefined ? '' : `, each of which ${variant}`}`;
  console.log(`${title}, ${jobs} processes`);
  const begun = performance.now();
  const { sum, failed, done } = await soak(options, signal);
  const wallSeconds = (performance.now() - begun) / 1000;
  const missing = missingText(sum);
  const result = [
    tallyText(sum),
    `${done} seeds, ${failed.length} violations, in ${wallSeconds.toFixed(0)} s`,
    ...(missing === undefined ? [] : [missing]),
  ].join('\n');
  console.log(result);
  if (signal.aborted) return interruptedExitCode;
  for (const outcome of failed.slice(0, shrunkMax)) {
    console.log(`\nshrinking seed ${outcome.seed} …`);
    console.log(await shrunkText(outcome, options));
  }
  if (evidence !== undefined) {
    const violations = failed.flatMap(({ seed, violation }) =>
      violation ? [violationText(seed, violation)] : [],
    );
    const body = [result, ...violations].join('\n');
    const heading = `## ${dateText()}, commit ${commit}, Node ${process.version}`;
    appendEvidence(evidence, 'Runs of the simulator', `${heading}\n${title}\n\n\`\`\`\n${body}\n\`\`\``);
  }
  return failed.length === 0 && missing === undefined ? 0 : 1;
}

await run(() => main(readOptions(process.argv.slice(2))));
