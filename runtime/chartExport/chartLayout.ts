/** Where everything of a drawn statechart stands, worked out by elkjs. */

import bundledElk from 'elkjs/lib/elk.bundled.js';
import type { ElkEdgeSection, ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { type Arrow, type ChartShape, type DrawnState, type Label, labelText } from './chartShape.ts';
import { sizeOf, type TextLine, wrapped } from './textBlock.ts';

/** px from the upper left corner of the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  readonly id: string;
  readonly type: DrawnState['type'] | 'initial';
  /** How deep it lies; the machine itself: 0. */
  readonly depth: number;
  readonly isRegion: boolean;
  readonly lines: readonly TextLine[];
}

export interface PlacedArrow {
  /** The ids of the states that it joins. */
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  readonly label?: Box & { readonly lines: readonly TextLine[] };
}

export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  /** Outer ones before inner ones. */
  readonly states: readonly PlacedState[];
  readonly arrows: readonly PlacedArrow[];
}

/** px around the text of a state. */
export const margin = 12;

/** px beside the text of an arrow. */
export const labelMargin = 4;

const initialSize = 12;
/** How long a line may be: in a state, in one that is wide because of the states in it, and at an arrow. */
const lettersMax = 56;
const lettersMaxAround = 110;
const lettersMaxOfLabel = 34;

const options = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.spacing.nodeNode': '32',
  'elk.spacing.edgeNode': '20',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '6',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
};

const elk = new bundledElk.default();

/** `given`: options of elkjs for the whole picture, in place of those here. */
export async function layOut(
  shape: ChartShape,
  given: Readonly<Record<string, string>> = {},
): Promise<ChartLayout> {
  const types = typesOf(shape.root);
  const order = [...types.keys()];
  const linesOf = new Map<string, readonly TextLine[]>();
  const edges: ElkExtendedEdge[] = [...together(shape.arrows)].map(([id, arrows]) => {
    const [{ from, to }] = arrows;
    const lines = arrows.flatMap(({ label }) => labelLines(label));
    linesOf.set(id, lines);
    // What leads on goes down the page, and what leads back goes up.
    const leadsOn = order.indexOf(from) < order.indexOf(to);
    const layoutOptions = { 'elk.layered.priority.direction': leadsOn ? '100' : '0' };
    return {
      id,
      sources: [from],
      targets: [to],
      layoutOptions,
      labels: lines.length > 0 ? [labelOf(id, lines)] : [],
    };
  });
  const nodeOf = (state: DrawnState): ElkNode => {
    const lines = stateLines(state);
    linesOf.set(state.id, lines);
    const text = sizeOf(lines);
    const size = { width: text.width + 2 * margin, height: text.height + 2 * margin };
    if (state.states.length === 0) return { id: state.id, ...size };
    const children = state.states.map(nodeOf);
    if (state.initial !== undefined) {
      const id = `${state.id} begins`;
      children.unshift({ id, width: initialSize, height: initialSize });
      edges.push({ id: `${id} with`, sources: [id], targets: [state.initial] });
    }
    const layoutOptions = {
      'elk.padding': `[top=${size.height + margin},left=24,bottom=24,right=24]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      // elkjs 0.12 turns the page by a quarter for DOWN, but not this: height comes first.
      'elk.nodeSize.minimum': `(${size.height},${size.width})`,
    };
    return { id: state.id, children, layoutOptions };
  };
  const graph: ElkNode = {
    id: 'picture',
    layoutOptions: { ...options, ...given },
    children: [nodeOf(shape.root)],
    edges,
  };
  const placed = await elk.layout(graph);
  const states: PlacedState[] = [];
  const visit = (node: ElkNode, depth: number, isRegion: boolean): void => {
    const type = types.get(node.id) ?? 'initial';
    states.push({ id: node.id, ...boxOf(node), type, depth, isRegion, lines: linesOf.get(node.id) ?? [] });
    for (const inner of node.children ?? []) visit(inner, depth + 1, type === 'parallel');
  };
  for (const node of placed.children ?? []) visit(node, 0, false);
  const arrows = edgesOf(placed).map(({ id, sources, targets, sections = [], labels = [] }): PlacedArrow => {
    const [label] = labels;
    const points = sections.flatMap(pointsOf);
    const [from = '', to = ''] = [...sources, ...targets];
    return { from, to, points, ...(label && { label: { ...boxOf(label), lines: linesOf.get(id) ?? [] } }) };
  });
  return { width: placed.width ?? 0, height: placed.height ?? 0, states, arrows };
}

/** One arrow stands for all that join the same states in the same direction. */
function together(arrows: readonly Arrow[]): Map<string, [Arrow, ...Arrow[]]> {
  const joined = new Map<string, [Arrow, ...Arrow[]]>();
  for (const arrow of arrows) {
    const id = `${arrow.from} to ${arrow.to}`;
    const known = joined.get(id);
    if (known) known.push(arrow);
    else joined.set(id, [arrow]);
  }
  return joined;
}

function stateLines({ name, description, does, internal, states }: DrawnState): TextLine[] {
  const max = states.length > 0 ? lettersMaxAround : lettersMax;
  const steps = internal.map(
    (label) => `${labelText(label)}${label.to === undefined ? '' : ` → ${label.to}`}`,
  );
  return [
    { text: name, style: 'title' },
    ...wrapped(description, 'prose', max),
    ...[...does, ...steps].flatMap((line) => wrapped(line, 'code', max)),
  ];
}

/** A little wider than its text, so that it does not touch the arrow. */
function labelOf(text: string, lines: readonly TextLine[]): { text: string; width: number; height: number } {
  const { width, height } = sizeOf(lines);
  return { text, width: width + 2 * labelMargin, height };
}

function labelLines(label: Label): TextLine[] {
  const text = labelText(label);
  return text === '' ? [] : wrapped(text, 'code', lettersMaxOfLabel);
}

function typesOf(state: DrawnState, types = new Map<string, DrawnState['type']>()): typeof types {
  types.set(state.id, state.type);
  for (const inner of state.states) typesOf(inner, types);
  return types;
}

/** elkjs keeps them where it was given them: at the root. */
function edgesOf({ edges = [] }: ElkNode): readonly ElkExtendedEdge[] {
  return edges;
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}

function pointsOf({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): Point[] {
  return [startPoint, ...bendPoints, endPoint];
}
