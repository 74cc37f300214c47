/**
 * Reads a script and plays it. A script is comment lines (`#`), steps (one sentence a line) and, indented below each
 * step, what happened in it. Playing gives the text anew from its comments and steps alone.
 */
import { type Stage, type Statement, statements } from './scriptStatements.ts';
import { open, openingForm, steps } from './scriptSteps.ts';

/** How long an `Until` waits, in simulated ms. */
const patienceMs = 10_000;
const isStep = (line: string) => /^[^\s#]/.test(line);
const isTrace = (line: string) => /^\s+\S/.test(line);

/** A script that cannot be played, or in which something that it states is not so. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code = 'ScriptError';
  constructor(file: string, lineNumber: number, problem: string, cause?: unknown) {
    super(`${file}:${lineNumber}: ${problem}`, { cause });
  }
}

/** A statement, and what it is said of. */
interface Claim {
  readonly statement: Statement;
  readonly words: readonly string[];
}

/** What a step line asks for. */
type Play = (stage: Stage) => Promise<void>;

const sentences = () =>
  [
    ...[openingForm, ...steps.map(({ form }) => form), 'Until <statement>:', 'Skip until <statement>:'],
    ...statements.map(({ form }) => `${form}.`),
  ]
    .map((form) => `  ${form}`)
    .join('\n');

function wordsOf(match: RegExpExecArray): string[] {
  return [...match].slice(1).map((word) => word ?? '');
}

function claimIn(text: string): Claim | undefined {
  for (const statement of statements) {
    const match = statement.pattern.exec(text);
    if (match) return { statement, words: wordsOf(match) };
  }
  return undefined;
}

/** Throws a plain error that says what is so instead. */
async function claim(stage: Stage, { statement, words }: Claim, line: string, waitMs: number): Promise<void> {
  const holds = () => statement.holds(stage, ...words);
  const held = waitMs > 0 ? holds() || (await stage.simulation.until(holds, waitMs)) : holds();
  if (!held) {
    const within = waitMs > 0 ? ` within ${waitMs} ms` : '';
    throw new Error(`not so${within}: "${line}"\nInstead: ${statement.fact(stage, ...words)}.`);
  }
}

function playOf(line: string): Play | undefined {
  for (const step of steps) {
    const match = step.pattern.exec(line);
    if (match) return async (stage) => step.play(stage, ...wordsOf(match));
  }
  const [, wait = '', text = ''] = /^(Until |Skip until |)(.*)[.:]$/.exec(line) ?? [];
  const found = claimIn(text);
  if (!found || line.endsWith(':') !== (wait !== '')) return undefined;
  return async (stage) => {
    await claim(stage, found, line, wait === '' ? 0 : patienceMs);
    if (wait.startsWith('Skip')) stage.trace.skip();
  };
}

/** The steps of a script by their line numbers, all understood before the first is played. */
function parse(text: string, file: string): { first: number; plays: Map<number, Play> } {
  const plays = new Map<number, Play>();
  let first = 0;
  text.split('\n').forEach((line, i) => {
    if (!isStep(line)) return;
    if (first === 0) {
      first = i + 1;
      return;
    }
    const play = playOf(line);
    if (!play) throw new ScriptError(file, i + 1, `no sentence reads "${line}". There are:\n${sentences()}`);
    plays.set(i, play);
  });
  return { first, plays };
}

/** Whoever watches a script being played; the simulation is theirs from then on, and so is its end. */
export interface ScriptAudience {
  onOpen(stage: Stage): void;
  /** A step is about to be played. `place`: its line, counted from 0. */
  onStep(line: string, place: number): void;
}

/**
 * Plays a script and returns its text with what happened under each step.
 * @throws ScriptError, with the error that a step ended with as its cause
 */
export async function play(text: string, file: string, audience?: ScriptAudience): Promise<string> {
  const { first, plays } = parse(text, file);
  const lines = text.split('\n');
  const opening = lines[first - 1] ?? '';
  const stage = open(opening);
  if (!stage)
    throw new ScriptError(file, first || 1, `a script begins with "${openingForm}", not "${opening}".`);
  audience?.onOpen(stage);
  const played: string[] = [];
  let latest: readonly string[] = [];
  try {
    for (const [i, line] of lines.entries()) {
      if (isTrace(line)) continue;
      played.push(line);
      try {
        if (plays.has(i)) audience?.onStep(line, i);
        await plays.get(i)?.(stage);
      } catch (error) {
        const happened = [...latest, ...stage.trace.take()].slice(-40).join('\n');
        throw new ScriptError(file, i + 1, `${messageOf(error)}\nWhat happened before:\n${happened}`, error);
      }
      const trace = stage.trace.take();
      if (trace.length > 0) latest = trace;
      played.push(...trace);
    }
  } finally {
    if (!audience) {
      stage.simulation.trace.onRecord = () => {};
      stage.simulation.stop();
    }
  }
  return played.join('\n');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
