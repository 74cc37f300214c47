/** Linearizable reads by many clients, against etcd's. */
import type { BenchCase } from '../benchCase.ts';
import { ratioPlot } from '../report/ratioPlot.ts';
import { roundsTable } from '../report/roundsTable.ts';
import { figures, SideBySide } from './sideBySide.ts';

const loads = {
  '50 clients': { command: 'get', clients: 50 },
  '256 clients': { command: 'get', clients: 256 },
} as const;

export const get: BenchCase = {
  name: 'get',
  title: 'linearizable GET by 50 and 256 clients, against etcd',
  steps: ({ rounds }) => 2 * 3 * rounds,
  async run(bench) {
    const result = await SideBySide.run(bench, ['etcd', 'xstate-raft', 'redis'], loads);
    return {
      claims: [
        {
          what: 'GET, 256 clients: throughput against etcd',
          figure: result.against('etcd', '256 clients', figures.throughput),
          target: { atLeast: 5 },
        },
        {
          what: 'GET, 256 clients: server CPU an operation against etcd',
          figure: result.against('etcd', '256 clients', figures.cpu),
          target: { atMost: 1 / 6 },
        },
      ],
      tables: [roundsTable('GET, 64-byte values, all clients on the leader', result.loads)],
      plots: [ratioPlot('get', 'GET: throughput in multiples of etcd’s', result, 'etcd')],
      data: result.loads,
    };
  },
};
