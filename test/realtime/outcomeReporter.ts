/** The reporter of a repetition's process: says to the runner what comes out. Loaded by mocha, hence a default export. */
import Mocha from 'mocha';
import type { Saying, Usage } from './outcome.ts';

const { EVENT_RUN_BEGIN, EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS } = Mocha.Runner.constants;

export default class OutcomeReporter {
  #usage: Usage | undefined;

  constructor(runner: Mocha.Runner) {
    const begin = { ms: 0, cpu: process.cpuUsage() };
    // Nobody is left to hear.
    process.on('disconnect', () => process.exit(1));
    runner.once(EVENT_RUN_BEGIN, () => {
      Object.assign(begin, { ms: performance.now(), cpu: process.cpuUsage() });
    });
    runner.on(EVENT_TEST_PASS, ({ title, figures }) => {
      if (figures) say({ type: 'passed', scenario: title, figures });
    });
    runner.on(EVENT_TEST_FAIL, ({ title }, error) => {
      say({ type: 'failed', scenario: title, message: error instanceof Error ? error.message : `${error}` });
    });
    runner.once(EVENT_RUN_END, () => {
      this.#usage = {
        seconds: (performance.now() - begin.ms) / 1000,
        cpuSeconds: secondsOf(process.cpuUsage(begin.cpu)),
        processCpuSeconds: secondsOf(process.cpuUsage()),
      };
    });
  }

  /** Mocha ends the process when `over` is called. */
  done(failures: number, over: (failures: number) => void): void {
    if (this.#usage) say({ type: 'ended', ...this.#usage }, () => over(failures));
    else over(failures);
  }
}

function say(saying: Saying, said: () => void = () => {}): void {
  process.send?.(saying, said);
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}
