/** From one client to a thousand. */
import type { BenchCase } from '../benchCase.ts';
import { sweep, sweepReport, sweepRounds } from './sweep.ts';

const sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const commands = ['set', 'get'] as const;
const systemsMax = 2;

export const growthClients: BenchCase = {
  name: 'growth-clients',
  title: 'SET and GET by 1 to 1,000 clients, beside etcd',
  steps: (options) => sizes.length * commands.length * systemsMax * sweepRounds(options),
  run: (bench) =>
    bench.withSystems(['etcd', 'xstate-raft'], async (systems) => {
      for (const system of systems) await bench.fill(system);
      const reports = [];
      for (const command of commands) {
        const name = command.toUpperCase();
        const steps = await sweep(
          bench,
          systems,
          sizes,
          (clients) => ({ command, clients }),
          (clients) => `${name}, ${clients} clients`,
        );
        const text = { file: `clients-${command}`, title: `${name} by more clients`, xLabel: 'clients' };
        reports.push(sweepReport(text, `${name}, all clients on the leader`, steps));
      }
      return {
        claims: [],
        tables: reports.flatMap(({ tables }) => tables),
        plots: reports.flatMap(({ plots }) => plots),
        data: reports.map(({ data }) => data),
      };
    }),
};
