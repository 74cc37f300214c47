/** Clusters of one node to seven, on one machine: what each node more costs. */
import type { Bench } from '../bench.ts';
import type { BenchCase } from '../benchCase.ts';
import type { Measurement } from '../measure/measurement.ts';
import { RaftCluster } from '../systems/raftCluster.ts';
import { type Step, sweepReport, sweepRounds } from './sweep.ts';

const sizes = [1, 3, 5, 7];
const load = { command: 'set', clients: 50 } as const;

function round(bench: Bench, nodes: RaftCluster): Promise<Measurement> {
  return bench.using([nodes], async () => {
    await bench.fill(nodes);
    return bench.measure(nodes, load);
  });
}

export const growthNodes: BenchCase = {
  name: 'growth-nodes',
  title: 'SET by 50 clients on clusters of 1, 3, 5 and 7 nodes',
  steps: (options) => sizes.length * sweepRounds(options),
  async run(bench) {
    const rounds = sizes.map((): Measurement[] => []);
    for (let turn = 0; turn < sweepRounds(bench.options); turn += 1) {
      for (const [place, size] of sizes.entries())
        rounds[place]?.push(await round(bench, await RaftCluster.prepare(size)));
    }
    const steps = sizes.map(
      (x, place): Step => ({
        x,
        load: { load: `${x} nodes`, systems: [{ system: 'xstate-raft', rounds: rounds[place] ?? [] }] },
      }),
    );
    const text = { file: 'nodes', title: 'SET on larger clusters of one machine', xLabel: 'nodes' };
    return sweepReport(text, `SET, ${load.clients} clients on the leader`, steps);
  },
};
