/** Bars of throughput in multiples of one system's; loads that have no ratio are left out. */
import { figures, type SideBySide } from '../cases/sideBySide.ts';
import { ratioOf } from '../measure/ratio.ts';
import type { BarPlot } from './plot.ts';

export function ratioPlot(file: string, title: string, result: SideBySide, base: string): BarPlot {
  const groups = result.loads.map(({ load, systems }) => ({
    name: load,
    bars: systems.flatMap((rounds) => {
      const ratio = ratioOf(rounds, result.rounds(load, base), figures.throughput);
      if (ratio.refused !== undefined) return [];
      return [{ name: rounds.system, y: ratio.median, least: ratio.least, most: ratio.most }];
    }),
  }));
  return { kind: 'bars', file, title, yLabel: `multiples of ${base}`, groups };
}
