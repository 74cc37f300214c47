/** Run as a process of its own: prints the hash of a trace. Arguments: the seed, and how many others to run before. */
import { play, simulate } from '../../../runtime/testing.ts';
import { faultSchedule, roughWeather } from './simulationFaults.ts';

export async function traceHash(seed: number): Promise<string> {
  const simulation = simulate(roughWeather(seed));
  await play(simulation, faultSchedule(seed, simulation.ids, 1200), 1500);
  const hash = simulation.trace.hash();
  simulation.stop();
  return hash;
}

const [, script, seed, others] = process.argv;
if (script?.endsWith('simulationProcess.ts')) {
  for (let other = 1; other <= Number(others); other += 1) await traceHash(1000 + other);
  console.log(await traceHash(Number(seed)));
}
