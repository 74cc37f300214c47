/** A statechart as an SVG that stands alone, light or dark as its reader prefers. */
import {
  type Box,
  type ChartLayout,
  labelMargin,
  layOut,
  margin,
  type PlacedArrow,
  type PlacedState,
  type Point,
} from './chartLayout.ts';
import type { ChartShape } from './chartShape.ts';
import { placeLines, type TextLine } from './textBlock.ts';

/** Of a state within a state every second one is shaded. */
const light = {
  ...{ paper: '#ffffff', even: '#f6f8fa', odd: '#ffffff', line: '#57606a', title: '#1f2328' },
  ...{ prose: '#4d5560', code: '#0a3069', arrow: '#57606a' },
};
const dark: typeof light = {
  ...{ paper: '#0d1117', even: '#161b22', odd: '#0d1117', line: '#8b949e', title: '#f0f6fc' },
  ...{ prose: '#b1bac4', code: '#a5d6ff', arrow: '#8b949e' },
};

/** px of the curve at a bend. */
const bendRadius = 6;

/** @throws ERR_MODULE_NOT_FOUND when this is loaded and elkjs is not installed */
export async function svgText(shape: ChartShape): Promise<string> {
  const layout = await layOut(shape);
  const { name, description } = shape.root;
  const size = `${round(layout.width)} ${round(layout.height)}`;
  const [width, height] = size.split(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(`${name}: ${description}`)}</title>`,
    `<style>\n${styles}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">',
    '<path class="head" d="M0 0 8 4 0 8z"/></marker></defs>',
    '<rect class="paper" width="100%" height="100%"/>',
    ...contents(layout),
    '</svg>',
    '',
  ].join('\n');
}

function contents({ states, arrows }: ChartLayout): string[] {
  return [
    ...states.map(stateElement),
    ...arrows.map(({ points }) => `<path class="arrow" marker-end="url(#head)" d="${pathOf(points)}"/>`),
    ...arrows.flatMap(labelElements),
  ];
}

function stateElement(state: PlacedState): string {
  if (state.type === 'initial') {
    const radius = state.width / 2;
    return `<circle class="initial" cx="${round(state.x + radius)}" cy="${round(state.y + radius)}" r="${radius}"/>`;
  }
  const shade = state.depth % 2 === 0 ? 'even' : 'odd';
  const border = state.isRegion ? ' region' : '';
  const inner = { x: state.x + 4, y: state.y + 4, width: state.width - 8, height: state.height - 8 };
  return [
    `<rect class="state ${shade}${border}" ${placeOf(state)} rx="8"/>`,
    ...(state.type === 'final' ? [`<rect class="state ${shade}" ${placeOf(inner)} rx="5"/>`] : []),
    ...textElements(state.lines, { x: state.x + margin, y: state.y + margin }),
  ].join('\n');
}

function labelElements({ label }: PlacedArrow): string[] {
  return label ? textElements(label.lines, { x: label.x + labelMargin, y: label.y }) : [];
}

function textElements(lines: readonly TextLine[], { x, y }: Point): string[] {
  return placeLines(lines).map(
    ({ text, style, start, baseline }) =>
      `<text class="${style}" x="${round(x + start)}" y="${round(y + baseline)}">${escaped(text)}</text>`,
  );
}

/** The `d` of a path along points, with round bends. */
export function pathOf(points: readonly Point[]): string {
  const parts = points.map((point, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (!before) return `M${at(point)}`;
    if (!after) return `L${at(point)}`;
    return `L${at(towards(point, before))}Q${at(point)} ${at(towards(point, after))}`;
  });
  return parts.join('');
}

/** A point beside `from`; on a short stretch, at most half way. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(bendRadius / length, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function placeOf({ x, y, width, height }: Box): string {
  return `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function rulesOf({ paper, even, odd, line, title, prose, code, arrow }: typeof light): string {
  return [
    `.paper{fill:${paper}} .even{fill:${even}} .odd{fill:${odd}} .state{stroke:${line}}`,
    `.title{fill:${title}} .prose{fill:${prose}} .code{fill:${code}}`,
    `.arrow{stroke:${arrow}} .head,.initial{fill:${arrow}}`,
  ].join('\n');
}

const styles = [
  '.region{stroke-dasharray:6 4} .arrow{fill:none;stroke-width:1.3}',
  '.title{font:bold 15px system-ui,sans-serif} .prose{font:12px system-ui,sans-serif}',
  '.code{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}',
  rulesOf(light),
  `@media (prefers-color-scheme:dark){\n${rulesOf(dark)}\n}`,
].join('\n');
