/**
 * A scenario of the labs as a mocha test: it makes the bench, tells the story, stops the bench, and leaves the figures of
 * the run with the test, for the reporter. The environment says on which clock, and with which seed.
 */
import { SeededRandom } from 'xstate-raft/testing';
import type { Figures } from '../reporter/figures.ts';

/** A scenario may take so long, ms of its clock. */
const limitMs = 120_000;
/** What mocha leaves it beyond that on the real clock, ms, so that it is the bench that fails and names the seed. */
const marginMs = 30_000;

export interface Bench {
  readonly figures: Figures;
  stop(): void;
}

/** What every bench is made with. */
export interface BenchOptions {
  readonly seed: string;
  readonly realTime: boolean;
  readonly limitMs: number;
}

const clock = process.env.SCENARIO_CLOCK ?? 'virtual';
if (clock !== 'virtual' && clock !== 'real') {
  throw new RangeError(`SCENARIO_CLOCK is "${clock}": set it to real or virtual.`);
}
/** Whether everything takes as long as it really does, and the implementation's own speed may be judged. */
export const isOnRealClock = clock === 'real';
const options: BenchOptions = {
  seed: process.env.SCENARIO_SEED ?? '1',
  realTime: isOnRealClock,
  limitMs,
};

/** `random` draws what happens in the story, from the seed of the run. */
export function scenario<B extends Bench>(
  name: string,
  make: (options: BenchOptions) => B,
  story: (bench: B, random: SeededRandom) => Promise<void>,
): void {
  it(name, async function () {
    if (options.realTime) this.timeout(limitMs + marginMs);
    const bench = make(options);
    try {
      await story(bench, new SeededRandom(`${options.seed} ${name}`));
      if (this.test) this.test.figures = bench.figures;
    } catch (error) {
      throw withSeed(error);
    } finally {
      bench.stop();
    }
  });
}

/** The same error, whose message names the seed that shows it again. */
function withSeed(error: unknown): unknown {
  if (!(error instanceof Error) || error.message.includes('with seed')) return error;
  const { message, stack } = error;
  error.message = `${message} (with seed ${options.seed})`;
  // Mocha looks for the message in the stack.
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
  return error;
}
