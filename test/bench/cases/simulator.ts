/** How much faster than the clock simulated time goes: a cluster of five under faults, with every invariant watched. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from '../benchCase.ts';
import { spreadOf } from '../measure/statistics.ts';
import { short } from '../report/figures.ts';
import type { SimulatorFigures } from '../simulator.ts';

const script = fileURLToPath(new URL('../simulator.ts', import.meta.url));
const seedsOfRound = 10;

/** Some seeds in a process of their own, as `npm run soak` runs them. */
async function measured(from: number, signal: AbortSignal): Promise<SimulatorFigures> {
  const child = fork(script, [String(seedsOfRound), String(from)], {
    ...{ execArgv: ['--conditions=xstate-raft-source', '--import', 'tsx'], signal },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]): never => {
    throw new Error(`The simulator ended with ${code}.`);
  });
  const [figures] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {});
  return figures as SimulatorFigures; // what simulator.ts sends
}

export const simulator: BenchCase = {
  name: 'simulator',
  title: 'simulated messages and hours in a second of one core',
  steps: ({ rounds }) => rounds,
  async run(bench) {
    const rounds: SimulatorFigures[] = [];
    for (let round = 0; round < bench.options.rounds; round += 1) {
      bench.checkInterruption();
      rounds.push(await measured(1 + round * seedsOfRound, bench.signal));
      bench.advance();
    }
    const messages = spreadOf(rounds.map(({ messages: count, cpuSeconds }) => count / cpuSeconds));
    const columns = ['seeds', 'messages', 'simulated minutes', 'CPU s', 'simulated seconds in a CPU second'];
    return {
      claims: [
        {
          what: 'simulated messages in a CPU second, 5 nodes, faults and invariants on',
          ...{ figure: messages, target: { atLeast: 50_000 }, goal: '100,000' },
        },
      ],
      tables: [
        {
          ...{ title: 'The simulator', columns },
          rows: rounds.map(({ seeds, messages: count, simulatedHours, cpuSeconds }) => [
            ...[`${seeds}`, `${count}`, short(60 * simulatedHours), short(cpuSeconds)],
            short((3600 * simulatedHours) / cpuSeconds),
          ]),
        },
      ],
      plots: [],
      data: rounds,
    };
  },
};
