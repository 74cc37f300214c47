/** `npm run soak`: many seeds on all cores; a failing one is shrunk to the fewest faults that still break it. */
import { CommanderError } from 'commander';
import { appendEvidence, commitOfCheckout } from '../realtime/evidence.ts';
import { ProgressBar } from '../realtime/progressBar.ts';
import { shrink } from '../simulator/shrink.ts';
import { addTally, emptyTally, type Tally } from '../simulator/tally.ts';
import { trial } from '../simulator/trial.ts';
import { partsOf, planFor } from '../simulator/variants.ts';
import type { Errand, Outcome } from './job.ts';
import { runErrands } from './jobs.ts';
import { type Options, readOptions } from './options.ts';
import { replay } from './replay.ts';
import { missingText, replayCommand, scheduleText, tallyText, violationText } from './report.ts';

/** As shells have it for a process that Ctrl-C ended. */
const interruptedExitCode = 130;
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

async function soak(options: Options, signal: AbortSignal): Promise<{ sum: Tally; failed: Outcome[] }> {
  const { seeds, jobs } = options;
  const bar = new ProgressBar(seeds);
  const sum = emptyTally();
  const failed: Outcome[] = [];
  await runErrands(errandsOf(options), Math.min(jobs, seeds), signal, (outcome) => {
    addTally(sum, outcome.tally);
    if (outcome.violation) {
      failed.push(outcome);
      bar.print(violationText(outcome.seed, outcome.violation));
    }
    bar.advance(outcome.violation !== undefined);
  });
  bar.clear();
  return { sum, failed };
}

async function main(options: Options): Promise<number> {
  if (options.replay !== undefined) return (await replay(options.replay, options)) ? 0 : 1;
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  const { seeds, from, nodes, jobs, variant, evidence } = options;
  const commit = evidence === undefined ? '' : commitOfCheckout();
  const title = `${seeds} seeds from ${from} on, ${nodes} nodes${variant === undefined ? '' : `, each of which ${variant}`}`;
  console.log(`${title}, ${jobs} processes`);
  const begun = performance.now();
  const { sum, failed } = await soak(options, interruption.signal);
  const wallSeconds = (performance.now() - begun) / 1000;
  const missing = missingText(sum);
  const result = [
    tallyText(sum),
    `${seeds} seeds, ${failed.length} violations, in ${wallSeconds.toFixed(0)} s`,
    ...(missing === undefined ? [] : [missing]),
  ].join('\n');
  console.log(result);
  if (interruption.signal.aborted) return interruptedExitCode;
  for (const outcome of failed.slice(0, shrunkMax)) {
    console.log(`\nshrinking seed ${outcome.seed} …`);
    console.log(await shrunkText(outcome, options));
  }
  if (evidence !== undefined) {
    const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
    const failures = failed.flatMap(({ seed, violation }) =>
      violation ? [violationText(seed, violation)] : [],
    );
    const body = [result, ...failures].join('\n');
    appendEvidence(
      evidence,
      `## ${date} UTC, ${commit}, Node ${process.version}\n\n${title}\n\n\`\`\`\n${body}\n\`\`\`\n`,
    );
  }
  return failed.length === 0 && missing === undefined ? 0 : 1;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help has been printed; a wrong flag is said in one line.
  if (error.exitCode !== 0) console.error(error.message.replaceAll('\n', ' '));
  process.exitCode = error.exitCode;
}
