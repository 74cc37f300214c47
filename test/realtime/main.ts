/** `npm run test:realtime`: the labs' scenarios on the machine's clock, as often as it takes to trust them. */
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { CommanderError } from 'commander';
import { appendEvidence, commitOfCheckout } from './evidence.ts';
import { type Options, readOptions } from './options.ts';
import type { Outcome, Task } from './outcome.ts';
import { ProgressBar } from './progressBar.ts';
import { repetition } from './repetition.ts';
import { evidenceText, failureText, summaryText } from './report.ts';
import { budgetsOf, isKept, summarize } from './summary.ts';

/** As shells have it for a process that Ctrl-C ended. */
const interruptedExitCode = 130;

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
  const interruption = new AbortController();
  setMaxListeners(options.jobs, interruption.signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const commit = options.evidence === undefined ? '' : commitOfCheckout();
  const { jobs, seed } = options;
  console.log(`${options.part.join(', ')}: ${options.repeat} times, ${jobs} at a time, from seed ${seed} on`);
  const begun = performance.now();
  const outcomes = await runAll(options, interruption.signal);
  const run = {
    parts: summarize(outcomes),
    budgets: budgetsOf(outcomes),
    failed: outcomes.filter(({ failures }) => failures.length > 0),
    wallSeconds: (performance.now() - begun) / 1000,
  };
  console.log(`\n${summaryText(run)}`);
  if (interruption.signal.aborted) {
    console.log('interrupted; the log gets nothing');
    return interruptedExitCode;
  }
  if (options.evidence !== undefined) {
    const cores = availableParallelism();
    const circumstances = { date: `${date} UTC`, commit, node: process.version, cores, jobs, seed };
    appendEvidence(options.evidence, evidenceText(run, circumstances));
  }
  return run.failed.length === 0 && run.budgets.every(isKept) ? 0 : 1;
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Help has been printed; a wrong flag is said in one line.
  if (error.exitCode !== 0) console.error(error.message.replaceAll('\n', ' '));
  process.exitCode = error.exitCode;
}
