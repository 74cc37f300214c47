/** `npm run bench`: this system against its rivals, on this machine, in this run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commitOfCheckout } from '../terminal/evidence.ts';
import { ProgressBar } from '../terminal/progressBar.ts';
import { dateText, interruptedExitCode, interruption, run } from '../terminal/run.ts';
import { Bench } from './bench.ts';
import type { BenchCase } from './benchCase.ts';
import { cases } from './cases.ts';
import { Interrupted } from './interrupted.ts';
import { type Options, readOptions } from './options.ts';
import { machineText, rivalsText, roundsText, warningsOf } from './report/circumstances.ts';
import { figureText, outcomeOf, targetText } from './report/figures.ts';
import { type Finished, markdown } from './report/markdown.ts';
import { svg } from './report/svg.ts';

async function runPart(part: BenchCase, bench: Bench, bar: ProgressBar): Promise<Finished> {
  const { name, title } = part;
  try {
    const report = await part.run(bench);
    for (const claim of report.claims) {
      const outcome = outcomeOf(claim);
      bar.print(
        `${claim.what}: ${figureText(claim.figure, claim.unit)}, target ${targetText(claim)}: ${outcome}`,
      );
    }
    return { name, title, report };
  } catch (error) {
    if (error instanceof Interrupted || bench.signal.aborted) throw new Interrupted();
    const failure = error instanceof Error ? error.message : String(error);
    bar.print(`${name}: not measured: ${failure}`);
    return { name, title, failure };
  }
}

function write(options: Options, finished: readonly Finished[], bench: Bench, date: string): void {
  const circumstances = {
    ...{ date, commit: commitOfCheckout(), command: ['npm run bench', ...process.argv.slice(2)].join(' ') },
    ...{ machine: machineText(), rivals: rivalsText(), rounds: roundsText(options) },
    warnings: warningsOf(options, bench.othersCores),
  };
  mkdirSync(options.out, { recursive: true });
  const save = (file: string, text: string): void => writeFileSync(path.join(options.out, file), text);
  save('results.json', `${JSON.stringify({ ...circumstances, options, parts: finished }, undefined, 1)}\n`);
  save('results.md', `${markdown(finished, circumstances)}\n`);
  for (const part of finished) {
    if ('report' in part) for (const plot of part.report.plots) save(`${plot.file}.svg`, svg(plot));
  }
  for (const warning of circumstances.warnings) console.log(warning);
  console.log(`Written to ${options.out}: results.md, results.json and plots.`);
}

async function main(options: Options): Promise<number> {
  process.env.NODE_ENV = 'production';
  const signal = interruption();
  const date = dateText();
  const chosen = cases.filter(({ name }) => options.only.includes(name));
  const bar = new ProgressBar(chosen.reduce((sum, part) => sum + part.steps(options), 0));
  const bench = new Bench(options, signal, (failed) => bar.advance(failed));
  const finished: Finished[] = [];
  try {
    for (const part of chosen) finished.push(await runPart(part, bench, bar));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    bar.print('interrupted');
  } finally {
    bar.clear();
    await bench.stop();
  }
  if (finished.length > 0) write(options, finished, bench, date);
  if (signal.aborted) return interruptedExitCode;
  return finished.every((part) => 'report' in part) ? 0 : 1;
}

await run(() => main(readOptions(process.argv.slice(2))));
