/**
 * Runs the scenarios of the labs as mocha tests: each leaves the figures of its run with the test, for the reporter. The
 * environment says on which clock, and with which seed.
 */
import { SeededRandom } from 'xstate-raft/testing';
import type { BenchOptions, LabScenario } from './labs/labScenario.ts';

/** A scenario may take so long, ms of its clock. */
const limitMs = 120_000;
/** What mocha leaves it beyond that on the real clock, ms, so that it is the bench that fails and names the seed. */
const marginMs = 30_000;

const clock = process.env.SCENARIO_CLOCK ?? 'virtual';
if (clock !== 'virtual' && clock !== 'real') {
  throw new RangeError(`SCENARIO_CLOCK is "${clock}": set it to real or virtual.`);
}
const options: BenchOptions = {
  seed: process.env.SCENARIO_SEED ?? '1',
  realTime: clock === 'real',
  limitMs,
};

/** A suite of its own for a part of the labs. */
export function runScenarios(part: string, scenarios: readonly LabScenario[]): void {
  describe(part, () => {
    for (const { name, open } of scenarios) it(name, test(name, open));
  });
}

function test(name: string, open: LabScenario['open']): Mocha.AsyncFunc {
  return async function () {
    if (options.realTime) this.timeout(limitMs + marginMs);
    const { bench, play } = open(options);
    try {
      await play({
        random: new SeededRandom(`${options.seed} ${name}`),
        realTime: options.realTime,
        say: () => {},
        times: (whole) => whole,
      });
      if (this.test) this.test.figures = bench.figures;
    } catch (error) {
      throw withSeed(error);
    } finally {
      bench.stop();
    }
  };
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
