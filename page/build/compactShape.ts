/**
 * A chart for a panel of the page: its states by name, and arrows. What a state is, and at which events it does what,
 * stands beside it. Of a large chart one outer state at a time shows what is in it.
 */
import {
  type Arrow,
  ancestryOf,
  type ChartShape,
  type DrawnState,
  labelText,
} from '../../runtime/chartExport/chartShape.ts';

/** What the page says of a state that is active. */
export interface StateNote {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** `entry / …`, and what it does at which event without leaving. */
  readonly rules: readonly string[];
}

const noLabel = { event: '', actions: [] };

/** `open`: the outer state that shows what is in it; all of them unless given. */
export function compactShape(shape: ChartShape, open?: DrawnState): ChartShape {
  const { root, arrows } = shape;
  const isClosed = (state: DrawnState) => open !== undefined && state.id !== open.id;
  const closed = new Set(root.states.filter(isClosed).map(({ id }) => id));
  const ancestry = ancestryOf(shape);
  const shown = (id: string) => ancestry.get(id)?.find((outer) => closed.has(outer)) ?? id;
  const joined = new Map<string, Arrow>();
  for (const { from: inner, to: target } of arrows) {
    const [from, to] = [shown(inner), shown(target)];
    // What leads from a closed state to itself leads to the whole of it, too.
    if (from === to && (from !== inner || to !== target)) continue;
    joined.set(`${from} ${to}`, { from, to, label: noLabel });
  }
  return {
    root: { ...bare(root, isClosed), states: root.states.map((state) => bare(state, isClosed)) },
    arrows: [...joined.values()],
  };
}

export function notesOf({ root }: ChartShape): StateNote[] {
  const notes: StateNote[] = [];
  const visit = ({ id, name, description, does, internal, states }: DrawnState): void => {
    const rules = internal.map(
      (label) => `${labelText(label)}${label.to === undefined ? '' : ` → ${label.to}`}`,
    );
    notes.push({ id, name, description, rules: [...does, ...rules] });
    for (const inner of states) visit(inner);
  };
  visit(root);
  return notes;
}

function bare(state: DrawnState, isClosed: (state: DrawnState) => boolean): DrawnState {
  const { id, name, initial, type } = state;
  const plain = { id, name, description: '', does: [], internal: [] };
  if (isClosed(state) || state.states.length === 0)
    return { ...plain, type: type === 'final' ? 'final' : 'atomic', states: [] };
  return {
    ...{ ...plain, type, states: state.states.map((inner) => bare(inner, () => false)) },
    ...(initial !== undefined && { initial }),
  };
}
