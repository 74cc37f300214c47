/** kill -9 of the leader under load, again and again: how long no write is answered. */
import type { Bench } from '../bench.ts';
import type { BenchCase, Claim, Table } from '../benchCase.ts';
import { medianOf, spreadOf } from '../measure/statistics.ts';
import { short } from '../report/figures.ts';
import type { LinePlot } from '../report/plot.ts';
import type { SystemName } from '../systems/system.ts';
import { type Outages, outageMs } from './outage.ts';

const names: readonly SystemName[] = ['etcd', 'xstate-raft'];

/** Kills of each system in turn, until all are done. */
async function allKills(bench: Bench): Promise<Outages[]> {
  return bench.withSystems(names, async (systems) => {
    const outages = systems.map((system): Outages => ({ system: system.title, ms: [], failures: [] }));
    for (let kill = 0; kill < bench.options.kills; kill += 1) {
      for (const [place, system] of systems.entries()) {
        bench.checkInterruption();
        const own = outages[place];
        try {
          own?.ms.push(await outageMs(bench, system));
          bench.advance();
        } catch (error) {
          own?.failures.push(error instanceof Error ? error.message : String(error));
          bench.advance(true);
          // What is broken now would only break the kills to come.
          return outages;
        }
      }
    }
    return outages;
  });
}

function claimsOf(outages: readonly Outages[]): Claim[] {
  const ours = outages.find(({ system }) => system === 'xstate-raft');
  const failure = ours?.failures[0] ?? (ours && ours.ms.length > 0 ? undefined : 'there was no kill');
  const refused = failure === undefined ? undefined : { refused: `xstate-raft: ${failure}` };
  const seconds = (ours?.ms ?? []).map((ms) => ms / 1000);
  const worst = Math.max(...seconds);
  return [
    {
      what: 'kill -9 of the leader: median time without an answered write',
      figure: refused ?? spreadOf(seconds),
      ...{ target: { atMost: 0.7 }, unit: 's' },
    },
    {
      what: 'kill -9 of the leader: longest time without an answered write',
      figure: refused ?? { median: worst, least: worst, most: worst },
      ...{ target: { atMost: 1.5 }, unit: 's' },
    },
  ];
}

function tableOf(outages: readonly Outages[]): Table {
  const isWhole = outages.every(({ ms, failures }) => ms.length > 0 && failures.length === 0);
  const base = isWhole && outages[0] ? medianOf(outages[0].ms) : undefined;
  const rows = outages.map(({ system, ms, failures }) => {
    if (ms.length === 0) return [system, '0', '', '', '', '', failures[0] ?? ''];
    const { median, least, most } = spreadOf(ms.map((each) => each / 1000));
    const relative = base === undefined ? '' : short((1000 * median) / base);
    return [system, `${ms.length}`, relative, short(median), short(least), short(most), failures[0] ?? ''];
  });
  const columns = ['system', 'kills', 'relative', 'median s', 'least s', 'worst s', 'ended by'];
  return { title: 'Time without an answered write, clients on the nodes that live on', columns, rows };
}

function plotOf(outages: readonly Outages[]): LinePlot {
  const series = outages.map(({ system, ms }) => ({
    name: system,
    points: [...ms]
      .sort((one, other) => one - other)
      .map((each, place) => ({ x: (100 * (place + 1)) / ms.length, y: each / 1000 })),
  }));
  return {
    ...{ kind: 'lines', file: 'failover', title: 'kill -9 of the leader: time without an answered write' },
    ...{ xLabel: '% of kills that took at most so long', yLabel: 's', x: 'linear', y: 'linear', series },
  };
}

export const failover: BenchCase = {
  name: 'failover',
  title: 'kill -9 of the leader under load: until writes are answered again, against etcd',
  steps: ({ kills }) => names.length * kills,
  async run(bench) {
    const outages = await allKills(bench);
    return {
      ...{ claims: claimsOf(outages), tables: [tableOf(outages)], plots: [plotOf(outages)] },
      data: outages,
    };
  },
};
