/** The summary in words: for the screen, and as a section of a Markdown log. */
import { figuresLine, headLine } from '../reporter/figuresLine.ts';
import { handout, printsBytes } from '../reporter/handout.ts';
import type { Outcome } from './outcome.ts';
import { replayOf } from './outcome.ts';
import { type Budget, isKept, type PartSummary } from './summary.ts';

/** How CPU is counted, once for all. */
const cpuNote =
  'CPU is that of all threads of a process, user and system, from before its first scenario to after its last; ' +
  'in brackets with the start of Node and the compilation of TypeScript.';

export function failureText(outcome: Outcome): string {
  const failures = outcome.failures.map(
    ({ scenario, message }) => `  ${scenario}: ${message.replaceAll('\n', '\n    ')}`,
  );
  return [
    `${outcome.part} failed with seed ${outcome.seed}`,
    ...failures,
    `  again: ${replayOf(outcome)}`,
  ].join('\n');
}

/** Medians of every scenario beside the handout's figures. */
export function figuresText({ part, scenarios }: PartSummary): string {
  const column = Math.max(...Object.keys(handout[part] ?? {}).map(({ length }) => length), 12);
  const lines = [...scenarios].map(([name, figures]) =>
    figuresLine(name, column, figures, handout[part]?.[name]),
  );
  return [headLine(`${part}, medians`, column, printsBytes(part)), ...lines].join('\n');
}

export function partText({
  part,
  runs,
  failed,
  seconds,
  cpuSeconds,
  processCpuSeconds,
}: PartSummary): string {
  const both = (kind: 'median' | 'max') =>
    `${cpuSeconds[kind].toFixed(2)} s (${processCpuSeconds[kind].toFixed(2)} s)`;
  return (
    `${part}: ${runs} runs, ${failed} failed; median ${seconds.median.toFixed(1)} s, ` +
    `CPU ${both('median')}; at most ${seconds.max.toFixed(1)} s, CPU ${both('max')}`
  );
}

export function budgetText(budget: Budget): string {
  const { what, seconds, secondsMax } = budget;
  return `${what}: ${seconds.toFixed(2)} s of ${secondsMax} s${isKept(budget) ? '' : ', over budget'}`;
}

export interface Run {
  readonly parts: readonly PartSummary[];
  readonly budgets: readonly Budget[];
  readonly failed: readonly Outcome[];
  readonly wallSeconds: number;
}

/** What stands at the end of a run. */
export function summaryText({ parts, budgets, failed, wallSeconds }: Run): string {
  const runs = parts.reduce((count, part) => count + part.runs, 0);
  return [
    ...parts.map(figuresText),
    parts.map(partText).join('\n'),
    cpuNote,
    ...(budgets.length > 0 ? [budgets.map(budgetText).join('\n')] : []),
    `${runs} runs, ${failed.length} failed, ${wallSeconds.toFixed(0)} s`,
  ].join('\n\n');
}

export interface Circumstances {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly jobs: number;
  readonly seed: number;
}

/** A section of the log. */
export function evidenceText(run: Run, { date, commit, node, cores, jobs, seed }: Circumstances): string {
  const runs = run.parts.reduce((count, part) => count + part.runs, 0);
  const failures = run.failed.map((outcome) => `\`\`\`\n${failureText(outcome)}\n\`\`\``);
  return [
    `## ${date}, ${run.parts.map(({ part }) => part).join(', ')}: ${runs} runs, ${run.failed.length} failed`,
    `Commit ${commit}, Node ${node}, ${cores} cores, ${jobs} processes at a time, seeds from ${seed} on, ` +
      `${run.wallSeconds.toFixed(0)} s in all.`,
    [...run.parts.map(partText), ...run.budgets.map(budgetText)].map((line) => `- ${line}`).join('\n'),
    cpuNote,
    `\`\`\`\n${run.parts.map(figuresText).join('\n\n')}\n\`\`\``,
    ...failures,
  ].join('\n\n');
}
