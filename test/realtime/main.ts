/** `npm run test:realtime`: the labs' scenarios on the machine's clock, as often as it takes to trust them. */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { appendEvidence, commitOfCheckout } from '../terminal/evidence.ts';
import { ProgressBar } from '../terminal/progressBar.ts';
import { dateText, interruptedExitCode, interruption, run } from '../terminal/run.ts';
import { type Options, readOptions } from './options.ts';
import type { Outcome, Task } from './outcome.ts';
import { repetition } from './repetition.ts';
import { evidenceText, failureText, summaryText } from './report.ts';
import { budgetsOf, isKept, summarize } from './summary.ts';

/** `jobs` repetitions at a time, until all are done or the signal comes. */
async function runAll(options: Options, signal: AbortSignal): Promise<Outcome[]> {
  const tasks: Task[] = [];
  for (let n = 0; n < options.repeat; n += 1) {
    for (const part of options.part) tasks.push({ part, seed: options.seed + n });
  }
  const bar = new ProgressBar(tasks.length);
  const outcomes: Outcome[] = [];
  const worker = async () => {
    for (let task = tasks.shift(); task && !signal.aborted; task = tasks.shift()) {
      const outcome = await repetition(task, signal);
      if (signal.aborted) return;
      outcomes.push(outcome);
      if (outcome.failures.length > 0) bar.print(failureText(outcome));
      bar.advance(outcome.failures.length > 0);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  bar.clear();
  return outcomes;
}

async function main(options: Options): Promise<number> {
  const signal = interruption();
  setMaxListeners(options.jobs, signal);
  const date = dateText();
  const commit = options.evidence === undefined ? '' : commitOfCheckout();
  const { jobs, seed } = options;
  console.log(`${options.part.join(', ')}: ${options.repeat} times, ${jobs} at a time, from seed ${seed} on`);
  const begun = performance.now();
  const outcomes = await runAll(options, signal);
  const result = {
    parts: summarize(outcomes),
    budgets: budgetsOf(outcomes),
    failed: outcomes.filter(({ failures }) => failures.length > 0),
    wallSeconds: (performance.now() - begun) / 1000,
  };
  console.log(`\n${summaryText(result)}`);
  if (signal.aborted) {
    console.log('interrupted; the log gets nothing');
    return interruptedExitCode;
  }
  if (options.evidence !== undefined) {
    const cores = availableParallelism();
    const circumstances = { date, commit, node: process.version, cores, jobs, seed };
    appendEvidence(options.evidence, 'Runs on the real clock', evidenceText(result, circumstances));
  }
  return result.failed.length === 0 && result.budgets.every(isKept) ? 0 : 1;
}

await run(() => main(readOptions(process.argv.slice(2))));
