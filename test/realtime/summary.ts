/** What many repetitions come to: counts, medians, and the budgets on the implementation's own speed. */
import type { Figures } from '../reporter/figures.ts';
import { handout } from '../reporter/handout.ts';
import type { Outcome, Usage } from './outcome.ts';
import { labTwo, type Part } from './parts.ts';

export interface PartSummary {
  readonly part: Part;
  readonly runs: number;
  /** Runs in which something failed. */
  readonly failed: number;
  readonly seconds: Spread;
  readonly cpuSeconds: Spread;
  readonly processCpuSeconds: Spread;
  /** Medians by scenario, in the handout's order. */
  readonly scenarios: ReadonlyMap<string, Figures>;
}

export interface Spread {
  readonly median: number;
  readonly max: number;
}

/** Of the slowest run. */
export interface Budget {
  readonly what: string;
  readonly seconds: number;
  readonly secondsMax: number;
}

export function summarize(outcomes: readonly Outcome[]): PartSummary[] {
  const parts = [...new Set(outcomes.map(({ part }) => part))].sort();
  return parts.map((part) => {
    const runs = outcomes.filter((outcome) => outcome.part === part);
    const usages = runs.flatMap(({ usage }) => usage ?? []);
    const spread = (pick: (usage: Usage) => number) => spreadOf(usages.map(pick));
    return {
      ...{ part, runs: runs.length, failed: runs.filter(({ failures }) => failures.length > 0).length },
      seconds: spread(({ seconds }) => seconds),
      cpuSeconds: spread(({ cpuSeconds }) => cpuSeconds),
      processCpuSeconds: spread(({ processCpuSeconds }) => processCpuSeconds),
      scenarios: mediansOf(part, runs),
    };
  });
}

/** The budgets that these outcomes can tell of. */
export function budgetsOf(outcomes: readonly Outcome[]): Budget[] {
  const ofLog = outcomes.flatMap(({ part, usage }) => (part === '2B' && usage ? [usage.cpuSeconds] : []));
  const whole = wholeLabTwo(outcomes);
  return [
    { what: '2B, CPU of a run', seconds: Math.max(...ofLog), secondsMax: 5 },
    { what: 'lab 2, sum of its parts', seconds: Math.max(...whole.map((l) => l.seconds)), secondsMax: 360 },
    { what: 'lab 2, CPU', seconds: Math.max(...whole.map(({ cpuSeconds }) => cpuSeconds)), secondsMax: 60 },
  ].filter(({ seconds }) => Number.isFinite(seconds));
}

export function isKept({ seconds, secondsMax }: Budget): boolean {
  return seconds <= secondsMax;
}

/** What one run of each part took together, by seed. */
function wholeLabTwo(outcomes: readonly Outcome[]): { seconds: number; cpuSeconds: number }[] {
  return [...new Set(outcomes.map(({ seed }) => seed))].flatMap((seed) => {
    const usages = labTwo.flatMap(
      (part) => outcomes.find((outcome) => outcome.part === part && outcome.seed === seed)?.usage ?? [],
    );
    if (usages.length < labTwo.length) return [];
    return { seconds: sum(usages.map((u) => u.seconds)), cpuSeconds: sum(usages.map((u) => u.cpuSeconds)) };
  });
}

function mediansOf(part: Part, runs: readonly Outcome[]): ReadonlyMap<string, Figures> {
  const medians = new Map<string, Figures>();
  for (const scenario of Object.keys(handout[part] ?? {})) {
    const all = runs.flatMap(({ figures }) => figures.get(scenario) ?? []);
    const [first] = all;
    if (!first) continue;
    const median = (pick: (figures: Figures) => number) => medianOf(all.map(pick));
    medians.set(scenario, {
      seconds: median(({ seconds }) => seconds),
      peers: first.peers,
      rpcs: median(({ rpcs }) => rpcs),
      ...(first.bytes !== undefined && { bytes: median(({ bytes = 0 }) => bytes) }),
      commits: median(({ commits }) => commits),
    });
  }
  return medians;
}

function spreadOf(values: readonly number[]): Spread {
  return { median: medianOf(values), max: Math.max(0, ...values) };
}

/** The lower one of two in the middle, so that it is one that was measured; 0 of none. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
