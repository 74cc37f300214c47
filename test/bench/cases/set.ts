/** SET by many clients, each with one write under way, against etcd's put. */
import type { BenchCase, Claim } from '../benchCase.ts';
import { ratioOf } from '../measure/ratio.ts';
import { ratioPlot } from '../report/ratioPlot.ts';
import { roundsTable } from '../report/roundsTable.ts';
import { figures, SideBySide } from './sideBySide.ts';

const loads = {
  '50 clients': { command: 'set', clients: 50 },
  '256 clients': { command: 'set', clients: 256 },
} as const;

export const set: BenchCase = {
  name: 'set',
  title: 'SET by 50 and 256 clients, against etcd',
  steps: ({ rounds }) => 2 * 3 * rounds,
  async run(bench) {
    const result = await SideBySide.run(bench, ['etcd', 'xstate-raft', 'redis'], loads);
    const claims = Object.keys(loads).flatMap((load): Claim[] => [
      {
        what: `SET, ${load}: throughput against etcd`,
        figure: result.against('etcd', load, figures.throughput),
        target: { atLeast: 2 },
        goal: '3',
      },
      {
        what: `SET, ${load}: server CPU an operation against etcd`,
        figure: result.against('etcd', load, figures.cpu),
        target: { atMost: 0.35 },
        goal: '0.25',
      },
    ]);
    const ours = result.rounds('256 clients', 'xstate-raft');
    const p50AsP99 = result
      .rounds('256 clients', 'etcd')
      .rounds.map((round) => ({ ...round, p99Ms: round.p50Ms }));
    claims.push({
      what: "SET, 256 clients: p99 against etcd's p50",
      figure: ratioOf(ours, { system: 'etcd', rounds: p50AsP99 }, figures.p99),
      target: { atMost: 1 },
    });
    return {
      claims,
      tables: [roundsTable('SET, 64-byte values, all clients on the leader', result.loads)],
      plots: [ratioPlot('set', 'SET: throughput in multiples of etcd’s', result, 'etcd')],
      data: result.loads,
    };
  },
};
