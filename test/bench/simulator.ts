/**
 * How fast simulated time goes: clusters of five under the faults of `npm run soak`, with every invariant watched, in one
 * process. Counts CPU time, so that what else runs on the machine matters little.
 *
 *     node --conditions=xstate-raft-source --import tsx test/bench/simulator.ts [seeds] [from]
 */
import { pathToFileURL } from 'node:url';
import { planOf } from '../../runtime/simulation/soak/plan.ts';
import { trial } from '../../runtime/simulation/soak/trial.ts';

export interface SimulatorFigures {
  readonly seeds: number;
  /** Requests and replies that arrived. */
  readonly messages: number;
  readonly simulatedHours: number;
  /** Of user and system, all threads. */
  readonly cpuSeconds: number;
}

/** A hunt runs thousands of seeds: what the first ones take until their code is compiled is none of its speed. */
const warmUpSeeds = 20;

/** Runs the plans of `seeds` seeds, after others that warm the compiler up. */
export async function benchSimulator(seeds = 20, from = 1): Promise<SimulatorFigures> {
  for (let seed = 0; seed < warmUpSeeds; seed += 1) await trial(planOf(from + seeds + seed));
  let messages = 0;
  let simulatedMs = 0;
  const before = process.cpuUsage();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violation, tally, simulatedMs: ms } = await trial(planOf(seed));
    if (violation) throw new Error(`Seed ${seed} breaks ${violation.invariant}: ${violation.what}.`);
    messages += tally.messages;
    simulatedMs += ms;
  }
  const { user, system } = process.cpuUsage(before);
  return { seeds, messages, simulatedHours: simulatedMs / 3_600_000, cpuSeconds: (user + system) / 1e6 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [seeds, from] = process.argv.slice(2).map(Number);
  const figures = await benchSimulator(seeds, from);
  process.send?.(figures);
  const perSecond = (count: number) => count / figures.cpuSeconds;
  console.log(
    `${figures.seeds} seeds, ${figures.messages} messages in ${figures.cpuSeconds.toFixed(1)} s of CPU: ` +
      `${perSecond(figures.messages).toFixed(0)} messages and ` +
      `${perSecond(figures.simulatedHours).toFixed(4)} simulated hours in a CPU second`,
  );
}
