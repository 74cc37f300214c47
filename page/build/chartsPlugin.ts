/** Lays every chart out when the page is built, so that the page needs no layout engine. */
import type { Plugin } from 'vite';
import { charts } from '../../kv/charts.ts';
import { type ChartLayout, layOut } from '../../runtime/chartExport/chartLayout.ts';
import { shapeOf } from '../../runtime/chartExport/chartShape.ts';
import { compactShape, notesOf, type StateNote } from './compactShape.ts';

export interface LaidOutChart {
  readonly description: string;
  readonly layout: ChartLayout;
  readonly notes: readonly StateNote[];
}

const id = 'virtual:charts';

export function chartsPlugin(): Plugin {
  return {
    name: 'charts',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    async load(source) {
      if (source !== `\0${id}`) return undefined;
      const laidOut: Record<string, LaidOutChart> = {};
      for (const { name, machine } of charts) {
        const shape = shapeOf(machine);
        const layout = await layOut(compactShape(shape));
        laidOut[name] = { description: shape.root.description, layout, notes: notesOf(shape) };
      }
      return `export default ${JSON.stringify(laidOut)}`;
    },
  };
}
