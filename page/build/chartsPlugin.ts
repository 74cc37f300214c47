/** Lays every chart out when the page is built, so that the page needs no layout engine. */
import type { Plugin } from 'vite';
import { charts, type NamedChart } from '../../kv/charts.ts';
import { type ChartLayout, layOut } from '../../runtime/chartExport/chartLayout.ts';
import { type ChartShape, shapeOf } from '../../runtime/chartExport/chartShape.ts';
import { compactShape, notesOf, type StateNote } from './compactShape.ts';

export interface LaidOutChart {
  readonly description: string;
  readonly views: readonly ChartView[];
  readonly notes: readonly StateNote[];
}

export interface ChartView {
  /** The outer state that shows what is in it; null: all do. */
  readonly open: string | null;
  readonly layout: ChartLayout;
}

const id = 'virtual:charts';
/** A chart that is higher does not show all at once, px. */
const heightMax = 700;
const tight = {
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '9',
  'elk.padding': '[top=8,left=8,bottom=8,right=8]',
};

export function chartsPlugin(): Plugin {
  return {
    name: 'charts',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    async load(source) {
      if (source !== `\0${id}`) return undefined;
      const laidOut = await Promise.all(charts.map(async (chart) => [chart.name, await layChartOut(chart)]));
      return `export default ${JSON.stringify(Object.fromEntries(laidOut))}`;
    },
  };
}

export async function layChartOut({ machine }: NamedChart): Promise<LaidOutChart> {
  const shape = shapeOf(machine);
  return { description: shape.root.description, views: await viewsOf(shape), notes: notesOf(shape) };
}

async function viewsOf(shape: ChartShape): Promise<ChartView[]> {
  const whole = await layOut(compactShape(shape), tight);
  if (whole.height <= heightMax) return [{ open: null, layout: whole }];
  return Promise.all(
    shape.root.states.map(async (open) => ({
      open: open.id,
      layout: await layOut(compactShape(shape, open), tight),
    })),
  );
}
