/**
 * The active states of a chart, as one object for each set of them that occurs: which transitions an event may take
 * from there, and what is left and entered by each, is worked out once.
 */
import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, AnyStateNode, StateValue } from 'xstate';
import { type ChartAction, chartAction, raisesAtOnce } from './chartActions.ts';
import {
  type Asked,
  ancestorsOf,
  type Choice,
  childrenOf,
  domainOf,
  enteredBy,
  exitedBy,
  type Guard,
  NotPlannable,
  type Transition,
  withoutConflicts,
} from './choice.ts';

/** What is done when transitions are taken together. */
export interface Step {
  /** As selected, also those that others win over: inspectors hear of them. */
  readonly transitions: readonly Transition[];
  readonly actions: readonly ChartAction[];
  readonly next: Configuration;
}

/** The candidates of a state for one event, and those of the states within it, which come first. */
interface Selector {
  readonly own: readonly Choice[];
  readonly inner: readonly Selector[];
}

type Context = AnyMachineSnapshot['context'];
export type CopyContext = (context: Context) => Context;

export class Plan {
  readonly machine: AnyStateMachine;
  /** Before a context is changed, it is copied. */
  readonly copyContext: CopyContext;
  readonly #known = new Map<string, Configuration>();
  readonly #ofNodes = new WeakMap<readonly AnyStateNode[], Configuration>();
  readonly #choices = new Map<Transition, Choice>();
  readonly #entries = new Map<AnyStateNode, readonly ChartAction[]>();
  readonly #exits = new Map<AnyStateNode, readonly ChartAction[]>();

  /** @throws NotPlannable */
  constructor(machine: AnyStateMachine, copyContext: CopyContext) {
    this.machine = machine;
    this.copyContext = copyContext;
    this.#visit(machine.root);
    this.#checkEnds();
  }

  /** The configuration of the nodes, in the order that XState gives them. */
  of(nodes: readonly AnyStateNode[]): Configuration {
    const known = this.#ofNodes.get(nodes);
    if (known) return known;
    const key = nodes.map(({ order }) => order).join();
    const configuration = this.#known.get(key) ?? new Configuration(this, Object.freeze([...nodes]));
    this.#known.set(key, configuration);
    this.#ofNodes.set(nodes, configuration);
    this.#ofNodes.set(configuration.nodes, configuration);
    return configuration;
  }

  choice(transition: Transition): Choice {
    const choice = this.#choices.get(transition);
    if (!choice) throw new NotPlannable('A transition came up that is not a part of the chart.');
    return choice;
  }

  entryOf(node: AnyStateNode): readonly ChartAction[] {
    return this.#entries.get(node) ?? [];
  }

  exitOf(node: AnyStateNode): readonly ChartAction[] {
    return this.#exits.get(node) ?? [];
  }

  #visit(node: AnyStateNode): void {
    const isEnd = node.type === 'final' && node.parent === this.machine.root;
    const isPlain = node.type === 'atomic' || node.type === 'compound' || node.type === 'parallel' || isEnd;
    if (!isPlain || node.invoke.length > 0) throw new NotPlannable(`${node.id} is ${node.type} or invokes.`);
    this.#entries.set(node, this.#actions(node.entry));
    this.#exits.set(node, this.#actions(node.exit));
    for (const transition of [...node.transitions.values(), node.always ?? []].flat()) {
      const { source, target, reenter } = transition;
      const actions = this.#actions(transition.actions);
      const guard = this.#guard(transition.guard);
      const ends = (target ?? []).some(({ type }) => type === 'final');
      const choice = { transition, guard, actions, source, targets: target ?? [], reenter, ends };
      if (choice.targets.length > 0) domainOf(choice);
      this.#choices.set(transition, choice);
    }
    if (node.type === 'compound' && node.initial.actions.length > 0) {
      throw new NotPlannable(`${node.id} has actions of its initial transition.`);
    }
    for (const child of childrenOf(node)) this.#visit(child);
  }

  /** XState takes the step that ends a chart, if it is an event's first: none that follows of itself may end it. */
  #checkEnds(): void {
    const { root } = this.machine;
    const beginsWithEnd =
      root.type === 'compound' && root.initial.target.some(({ type }) => type === 'final');
    const choices = [...this.#choices.values()];
    const isEnding = beginsWithEnd || choices.some(({ ends }) => ends);
    const all = [
      ...this.#entries.values(),
      ...this.#exits.values(),
      ...choices.map(({ actions }) => actions),
    ];
    const mayRaise = all.flat().some((action) => action.kind === 'builtIn' && raisesAtOnce(action.builtIn));
    const mayEndOfItself = choices.some(({ ends, transition }) => ends && transition.eventType === '');
    if (beginsWithEnd || mayEndOfItself || (isEnding && mayRaise)) {
      throw new NotPlannable('It may end in the midst of a step.');
    }
  }

  #actions(actions: readonly unknown[]): ChartAction[] {
    return actions.map((action) => {
      const made = chartAction(this.machine, action);
      if (!made) throw new NotPlannable(`The action ${String(action)} has parameters.`);
      return made;
    });
  }

  #guard(guard: unknown): Guard | undefined {
    if (guard === undefined) return undefined;
    const found = typeof guard === 'string' ? this.machine.implementations.guards[guard] : guard;
    if (typeof found !== 'function' || 'check' in found) {
      throw new NotPlannable(`The guard ${String(guard)} is more than a function.`);
    }
    return found as Guard; // without parameters
  }
}

export class Configuration {
  readonly nodes: readonly AnyStateNode[];
  readonly value: StateValue;
  readonly tags: ReadonlySet<string>;
  readonly #plan: Plan;
  /** By event type; null: nothing here hears of it. */
  readonly #selectors = new Map<string, Selector | null>();
  /** For each atomic state: its eventless transitions and those of the states around it, as places among the distinct ones. */
  readonly #eventless: readonly (readonly number[])[];
  readonly #distinct: readonly Choice[];
  /** Of the distinct ones in this look: those that are open, and those that are known not to be. */
  readonly #open: (boolean | undefined)[] = [];
  readonly #steps = new Map<Choice, Step>();

  constructor(plan: Plan, nodes: readonly AnyStateNode[]) {
    this.#plan = plan;
    this.nodes = nodes;
    this.value = this.#valueOf(plan.machine.root);
    this.tags = new Set(nodes.flatMap(({ tags }) => tags));
    const eventless = nodes
      .filter(({ type }) => type === 'atomic')
      .map((atomic) =>
        [atomic, ...ancestorsOf(atomic)].flatMap(({ always = [] }) => always.map((one) => plan.choice(one))),
      )
      .filter((choices) => choices.length > 0);
    this.#distinct = [...new Set(eventless.flat())];
    this.#eventless = eventless.map((choices) => choices.map((choice) => this.#distinct.indexOf(choice)));
  }

  /** What an event leads to; innermost states first. */
  chosenFor(event: AnyEventObject, context: Context): readonly Choice[] {
    let selector = this.#selectors.get(event.type);
    if (selector === undefined) {
      selector = this.#selectorOf(this.#plan.machine.root, event.type);
      this.#selectors.set(event.type, selector);
    }
    if (!selector) return none;
    const chosen: Choice[] = [];
    select(selector, { context, event }, chosen);
    return chosen;
  }

  /** What happens of itself. */
  chosenEventless(event: AnyEventObject, context: Context): readonly Choice[] {
    if (this.#eventless.length === 0) return none;
    let chosen: Choice[] | undefined;
    const asked = { context, event };
    // Each guard is asked once, however many regions it stands around: it is a statement about what does not change here.
    this.#open.fill(undefined);
    for (const places of this.#eventless) {
      const choice = this.#firstOpenAt(places, asked);
      if (!choice) continue;
      chosen ??= [];
      if (!chosen.includes(choice)) chosen.push(choice);
    }
    return chosen ?? none;
  }

  #firstOpenAt(places: readonly number[], asked: Asked): Choice | undefined {
    for (const place of places) {
      const choice = this.#distinct[place];
      const isOpen = this.#open[place] ?? (!choice?.guard || choice.guard(asked));
      this.#open[place] = isOpen;
      if (isOpen) return choice;
    }
    return undefined;
  }

  step(chosen: readonly Choice[]): Step {
    const [first] = chosen;
    if (!first || chosen.length > 1) return this.#makeStep(chosen, withoutConflicts(chosen, this.nodes));
    let step = this.#steps.get(first);
    if (!step) {
      step = this.#makeStep(chosen, chosen);
      this.#steps.set(first, step);
    }
    return step;
  }

  #makeStep(selected: readonly Choice[], chosen: readonly Choice[]): Step {
    const plan = this.#plan;
    const exited = exitedBy(chosen, this.nodes).sort((a, b) => b.order - a.order);
    const entered = [...enteredBy(chosen)].sort((a, b) => a.order - b.order);
    const actions = [
      ...exited.flatMap((node) => plan.exitOf(node)),
      ...chosen.flatMap((choice) => choice.actions),
      ...entered.flatMap((node) => plan.entryOf(node)),
    ];
    // As a set that they are taken from and put into: XState looks at regions in this order.
    const nodes = new Set(this.nodes);
    for (const node of exited) nodes.delete(node);
    for (const node of entered) nodes.add(node);
    const isSame = nodes.size === this.nodes.length && this.nodes.every((node) => nodes.has(node));
    const transitions = selected.map(({ transition }) => transition);
    return { transitions, actions, next: isSame ? this : plan.of([...nodes]) };
  }

  #selectorOf(node: AnyStateNode, eventType: string): Selector | null {
    const own = candidatesOf(node, eventType).map((transition) => this.#plan.choice(transition));
    const inner = this.#activeIn(node).flatMap((child) => this.#selectorOf(child, eventType) ?? []);
    return own.length === 0 && inner.length === 0 ? null : { own, inner };
  }

  #activeIn(node: AnyStateNode): readonly AnyStateNode[] {
    return this.nodes.filter(({ parent }) => parent === node);
  }

  #valueOf(node: AnyStateNode): StateValue {
    const active = this.#activeIn(node);
    const [only] = active;
    if (node.type === 'compound' && only?.type === 'atomic') return only.key;
    return Object.fromEntries(active.map((child) => [child.key, this.#valueOf(child)]));
  }
}

const none: readonly Choice[] = [];

function select({ own, inner }: Selector, asked: Asked, chosen: Choice[]): void {
  const before = chosen.length;
  for (const selector of inner) select(selector, asked, chosen);
  if (chosen.length > before) return;
  const choice = firstOpen(own, asked);
  if (choice) chosen.push(choice);
}

function firstOpen(choices: readonly Choice[], asked: Asked): Choice | undefined {
  for (const choice of choices) if (!choice.guard || choice.guard(asked)) return choice;
  return undefined;
}

/** Exact names first, then the longest pattern. */
function candidatesOf({ transitions }: AnyStateNode, eventType: string): readonly Transition[] {
  const patterns = [...transitions.keys()]
    .filter((descriptor) => descriptor !== eventType && matches(eventType, descriptor))
    .sort((a, b) => b.length - a.length);
  return [eventType, ...patterns].flatMap((descriptor) => transitions.get(descriptor) ?? []);
}

function matches(eventType: string, descriptor: string): boolean {
  if (descriptor === '*') return true;
  return descriptor.endsWith('.*') && `${eventType}.`.startsWith(descriptor.slice(0, -1));
}
