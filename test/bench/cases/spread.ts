/** Clients on all three nodes, against the same clients on the leader. */
import type { Bench, Load } from '../bench.ts';
import type { BenchCase } from '../benchCase.ts';
import type { Measurement } from '../measure/measurement.ts';
import { type Ratio, type Rounds, ratioOf } from '../measure/ratio.ts';
import { type LoadRounds, roundsTable } from '../report/roundsTable.ts';
import type { System } from '../systems/system.ts';
import { figures } from './sideBySide.ts';

const clients = 256;

/** Rounds on the leader and spread take turns, too. */
async function bothWays(bench: Bench, system: System, command: Load['command']): Promise<LoadRounds> {
  const onLeader: Measurement[] = [];
  const onAll: Measurement[] = [];
  for (let round = 0; round < bench.options.rounds; round += 1) {
    onLeader.push(await bench.measure(system, { command, clients, at: 'leader' }));
    onAll.push(await bench.measure(system, { command, clients, at: 'all' }));
  }
  const systems = [
    { system: 'on the leader', rounds: onLeader },
    { system: 'on all nodes', rounds: onAll },
  ];
  return { load: `${command.toUpperCase()}, ${clients} clients`, systems };
}

function spreadAgainstLeader({ systems }: LoadRounds, figure: (round: Measurement) => number): Ratio {
  const none: Rounds = { system: 'xstate-raft', rounds: [] };
  return ratioOf(systems[1] ?? none, systems[0] ?? none, figure);
}

export const spread: BenchCase = {
  name: 'spread',
  title: 'SET and GET by clients on all three nodes, against all on the leader',
  steps: ({ rounds }) => 2 * 2 * rounds,
  run: (bench) =>
    bench.withSystems(['xstate-raft'], async ([system]) => {
      if (!system) throw new RangeError('This system is always there.');
      await bench.fill(system);
      const writes = await bothWays(bench, system, 'set');
      const reads = await bothWays(bench, system, 'get');
      return {
        claims: [
          {
            what: 'SET, clients on all nodes: throughput against all on the leader',
            figure: spreadAgainstLeader(writes, figures.throughput),
            target: { atLeast: 0.6 },
          },
          {
            what: 'GET, clients on all nodes: throughput against all on the leader',
            figure: spreadAgainstLeader(reads, figures.throughput),
            target: { atLeast: 0.9 },
          },
          {
            what: "GET, clients on all nodes: the leader's CPU a read against all on the leader",
            figure: spreadAgainstLeader(reads, figures.leaderCpu),
            target: { atMost: 0.5 },
          },
        ],
        tables: [roundsTable('Clients on all nodes and on the leader', [writes, reads])],
        plots: [],
        data: [writes, reads],
      };
    }),
};
