/** What the soak says. */
import { describeFault } from 'xstate-raft/testing';
import { linkOf } from '../../page/source/pageLink.ts';
import type { Plan } from '../../runtime/simulation/soak/plan.ts';
import { keepSteps, type Steps } from '../../runtime/simulation/soak/shrink.ts';
import { mustBeMet, type Tally, tallied } from '../../runtime/simulation/soak/tally.ts';
import type { Verdict } from '../../runtime/simulation/soak/trial.ts';
import type { Options } from './options.ts';

type Violation = NonNullable<Verdict['violation']>;

const seconds = (ms: number) => `${(ms / 1000).toFixed(3)} s`;

/** camelCase as words. */
const inWords = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

export function violationText(seed: number, { invariant, what, atMs }: Violation): string {
  return `seed ${seed} broke ${invariant} after ${seconds(atMs)}: ${what}`;
}

/** A schedule, a fault to a line, each with its place in the whole one. */
export function scheduleText(plan: Plan, steps: Steps): string {
  const kept = keepSteps(plan, steps).schedule;
  const lines = kept.map(({ atMs, fault }, i) => {
    return `${`${steps[i]}`.padStart(5)} ${seconds(atMs).padStart(10)}  ${describeFault(fault)}`;
  });
  return lines.length > 0 ? lines.join('\n') : '  no fault at all';
}

export function replayCommand(seed: number, steps: Steps, { nodes, variant }: Options): string {
  const flags = [
    `--replay ${seed}`,
    ...(nodes === 5 ? [] : [`--nodes ${nodes}`]),
    ...(variant === undefined ? [] : [`--variant "${variant}"`]),
    `--steps "${steps.join(',')}"`,
  ];
  return `npm run soak -- ${flags.join(' ')}`;
}

/** What to open the page with to see a seed, from `atMs` on, or from its beginning. */
export function pageHash(seed: number, { nodes, variant, steps }: Options, atMs: number | null): string {
  const scenario = {
    ...({ kind: 'plan', seed, nodes } as const),
    ...(variant !== undefined && { variant }),
    ...(steps !== undefined && { steps }),
  };
  return linkOf({ scenario, actions: [], time: atMs });
}

export function tallyText(sum: Tally): string {
  const width = Math.max(...tallied.map((name) => inWords(name).length));
  const lines = tallied.map((name) => {
    return `  ${inWords(name).padEnd(width)} ${sum[name].toLocaleString('en').padStart(14)}`;
  });
  return lines.join('\n');
}

/** What must not be missing in many runs, and was. */
export function missingText(sum: Tally): string | undefined {
  const missing = mustBeMet.filter((name) => sum[name] === 0).map(inWords);
  return missing.length > 0 ? `never met: ${missing.join(', ')}` : undefined;
}
