/** A chart for a panel of the page: its states by name, its arrows by event. What a state is and does stands beside it. */
import {
  type Arrow,
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

export function compactShape({ root, arrows }: ChartShape): ChartShape {
  const joined = new Map<string, Arrow>();
  for (const { from, to, label } of arrows) {
    // One word for each event, however many guards there are.
    joined.set(`${from} ${to} ${label.event}`, {
      from,
      to,
      label: { event: shortName(label.event), actions: [] },
    });
  }
  return { root: bare(root), arrows: [...joined.values()] };
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

function bare(state: DrawnState): DrawnState {
  return { ...state, description: '', does: [], internal: [], states: state.states.map(bare) };
}

function shortName(event: string): string {
  return event.replace(/^replied\./, '← ').replace(/^received\./, '→ ');
}
