/** One repetition of a part: a mocha of its own, on the real clock, with its seed. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures } from '../reporter/figures.ts';
import { handout } from '../reporter/handout.ts';
import type { Failure, Outcome, Saying, Task, Usage } from './outcome.ts';
import { parts } from './parts.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What a scenario may take, and what a process takes besides, ms: then it hangs. */
const scenarioMsMax = 150_000;
const startMsMax = 60_000;
/** How much is kept of what a process prints, characters. */
const printedMax = 2000;

/** @param signal ends the process; nothing that comes out then means anything */
export function repetition(task: Task, signal: AbortSignal): Promise<Outcome> {
  const figures = new Map<string, Figures>();
  const failures: Failure[] = [];
  let usage: Usage | undefined;
  let printed = '';
  const scenarios = Object.keys(handout[task.part] ?? {}).length;
  const child = fork(
    'node_modules/mocha/bin/mocha.js',
    // Calls to lost servers may hang when all is over: mocha need not wait for them.
    ['--no-config', '--exit', '--reporter', 'test/realtime/outcomeReporter.ts', parts[task.part]],
    {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
      execArgv: ['--conditions=xstate-raft-source', '--import', 'tsx'],
      env: { ...process.env, SCENARIO_CLOCK: 'real', SCENARIO_SEED: `${task.seed}` },
      ...{ signal, killSignal: 'SIGKILL', timeout: startMsMax + scenarios * scenarioMsMax },
    },
  );
  child.on('message', (saying: Saying) => {
    if (saying.type === 'passed') figures.set(saying.scenario, saying.figures);
    else if (saying.type === 'failed') failures.push(saying);
    else usage = saying;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-printedMax);
    });
  }
  return new Promise((resolve) => {
    const settle = (ending: string) => {
      if (!usage) failures.push({ scenario: 'the process', message: `${ending}\n${printed}`.trim() });
      else if (figures.size + failures.length < scenarios) {
        const message = `said something of ${figures.size + failures.length} scenarios of ${scenarios}`;
        failures.push({ scenario: 'the process', message });
      }
      resolve({ ...task, figures, failures, usage });
    };
    // An aborted one ends with both; the first counts.
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, killedBy) => {
      settle(`ended with ${killedBy ?? code} before its scenarios did`);
    });
  });
}
