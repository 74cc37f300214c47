/** SET in batches of 16 by 50 clients, against the ceiling of the protocol. */
import type { BenchCase } from '../benchCase.ts';
import { roundsTable } from '../report/roundsTable.ts';
import { figures, SideBySide } from './sideBySide.ts';

const load = '50 clients, 16 in a batch';

export const pipelined: BenchCase = {
  name: 'pipelined',
  title: 'SET by 50 clients in batches of 16, against redis-server',
  steps: ({ rounds }) => 2 * rounds,
  async run(bench) {
    const loads = { [load]: { command: 'set', clients: 50, depth: 16 } } as const;
    const result = await SideBySide.run(bench, ['redis', 'xstate-raft'], loads);
    return {
      claims: [
        {
          what: 'SET, 50 clients, pipelined by 16: throughput against redis-server (one node)',
          figure: result.against('redis-server', load, figures.throughput),
          target: { atLeast: 0.4 },
        },
      ],
      tables: [roundsTable('SET pipelined, 64-byte values, all clients on the leader', result.loads)],
      plots: [],
      data: result.loads,
    };
  },
};
