/** One client with one request under way: what a write and a read take. */
import type { BenchCase } from '../benchCase.ts';
import { roundsTable } from '../report/roundsTable.ts';
import { figures, SideBySide } from './sideBySide.ts';

const loads = {
  'SET, 1 client': { command: 'set', clients: 1 },
  'GET, 1 client': { command: 'get', clients: 1 },
} as const;

export const oneClient: BenchCase = {
  name: 'one-client',
  title: 'SET and GET by one client, against etcd',
  steps: ({ rounds }) => 2 * 3 * rounds,
  async run(bench) {
    const result = await SideBySide.run(bench, ['etcd', 'xstate-raft', 'redis'], loads);
    return {
      claims: [
        {
          what: 'SET, 1 client: p50 against etcd',
          figure: result.against('etcd', 'SET, 1 client', figures.p50),
          target: { atMost: 0.7 },
          goal: '0.5',
        },
      ],
      tables: [roundsTable('One client on the leader, 64-byte values', result.loads)],
      plots: [],
      data: result.loads,
    };
  },
};
