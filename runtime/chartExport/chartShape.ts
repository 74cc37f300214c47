/** A statechart as what is drawn of it: states within states with what they do, and arrows between them. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

type Transition = AnyStateNode['always'] extends readonly (infer One)[] | undefined ? One : never;

/** What is written at a transition: `event [guard] / action, action`. */
export interface Label {
  readonly event: string;
  readonly guard?: string;
  readonly actions: readonly string[];
}

export interface DrawnState {
  readonly id: string;
  readonly name: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final';
  readonly description: string;
  /** What it does without leaving: `entry / …`, `exit / …`, `invoke …`. */
  readonly does: readonly string[];
  /** Its transitions that no arrow can show: those without a target, and those that end within it. */
  readonly internal: readonly (Label & { readonly to?: string })[];
  /** The id of the state that it begins with. */
  readonly initial?: string;
  readonly states: readonly DrawnState[];
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: Label;
}

export interface ChartShape {
  readonly root: DrawnState;
  readonly arrows: readonly Arrow[];
}

export function shapeOf(machine: AnyStateMachine): ChartShape {
  const arrows: Arrow[] = [];
  const draw = (node: AnyStateNode): DrawnState => {
    const states = Object.values(node.states).map((child) => draw(child as AnyStateNode)); // XState types them as any
    const internal: (Label & { to?: string })[] = [];
    for (const transition of [...(node.always ?? []), ...[...node.transitions.values()].flat()]) {
      const label = labelOf(transition);
      const [target] = transition.target ?? [];
      if (!target) internal.push(label);
      else if (isWithin(target, node) && (target !== node || states.length > 0)) {
        internal.push({ ...label, to: target === node ? `${node.key} again` : target.key });
      } else arrows.push({ from: node.id, to: target.id, label });
    }
    const [initial] = node.type === 'compound' ? node.initial.target : [];
    return {
      ...{ id: node.id, name: node.key, type: drawnType(node), description: node.description ?? '' },
      ...{ does: doneIn(node), internal, states },
      ...(initial && { initial: initial.id }),
    };
  };
  return { root: draw(machine.root), arrows };
}

/** @returns `event [guard] / action, action` */
export function labelText({ event, guard, actions }: Label): string {
  const does = actions.length > 0 ? ` / ${actions.join(', ')}` : '';
  return `${event}${guard === undefined ? '' : ` [${guard}]`}${does}`;
}

/** From the outermost to the innermost, without the state itself. */
export function ancestryOf({ root }: ChartShape): ReadonlyMap<string, readonly string[]> {
  const ancestry = new Map<string, readonly string[]>();
  const visit = (state: DrawnState, outer: readonly string[]): void => {
    ancestry.set(state.id, outer);
    for (const inner of state.states) visit(inner, [...outer, state.id]);
  };
  visit(root, []);
  return ancestry;
}

function labelOf({ eventType, guard, actions }: Transition): Label {
  const [, delay] = /^xstate\.after\.([^.]+)\./.exec(eventType) ?? [];
  return {
    event: eventType === '' ? 'always' : delay === undefined ? eventType : `after ${delay}`,
    ...(guard !== undefined && { guard: nameOf(guard) }),
    actions: actions.map(nameOf),
  };
}

function doneIn({ entry, exit, invoke }: AnyStateNode): string[] {
  const line = (kind: string, names: readonly string[]): string[] =>
    names.length > 0 ? [`${kind} / ${names.join(', ')}`] : [];
  return [
    ...line('entry', entry.map(nameOf).filter(isOwn)),
    ...line('exit', exit.map(nameOf).filter(isOwn)),
    ...invoke.map(({ src }) => `invoke ${nameOf(src)}`),
  ];
}

/** Timers of `after` are actions of XState's own. */
function isOwn(action: string): boolean {
  return !action.startsWith('xstate.');
}

function nameOf(source: unknown): string {
  return typeof source === 'string' ? source : (source as { readonly type: string }).type; // all are named
}

function drawnType({ type }: AnyStateNode): DrawnState['type'] {
  return type === 'history' ? 'atomic' : type;
}

function isWithin(node: AnyStateNode | undefined, outer: AnyStateNode): boolean {
  for (let up = node; up; up = up.parent) if (up === outer) return true;
  return false;
}
