/** Transitions that may be taken, and the states that they leave and enter: the rules are SCXML's, as XState has them. */
import type { AnyEventObject, AnyMachineSnapshot, AnyStateNode } from 'xstate';
import type { ChartAction } from './chartActions.ts';

export type Transition = AnyStateNode['transitions'] extends Map<string, (infer T)[]> ? T : never;

type Context = AnyMachineSnapshot['context'];
export interface Asked {
  readonly context: Context;
  readonly event: AnyEventObject;
}
export type Guard = (asked: Asked) => boolean;

/** A transition that may be taken. */
export interface Choice {
  readonly transition: Transition;
  readonly guard: Guard | undefined;
  readonly actions: readonly ChartAction[];
  readonly source: AnyStateNode;
  readonly targets: readonly AnyStateNode[];
  readonly reenter: boolean;
  /** The chart ends with it. */
  readonly ends: boolean;
}

/** A form that this module does not know: XState itself has to run the chart. */
export class NotPlannable extends Error {
  override readonly name = 'NotPlannable';
}

export function childrenOf(node: AnyStateNode): AnyStateNode[] {
  return Object.values<AnyStateNode>(node.states);
}

/** From the nearest on. */
export function ancestorsOf(node: AnyStateNode): AnyStateNode[] {
  const ancestors: AnyStateNode[] = [];
  for (let { parent } = node; parent; { parent } = parent) ancestors.push(parent);
  return ancestors;
}

function isWithin(node: AnyStateNode, outer: AnyStateNode): boolean {
  return ancestorsOf(node).includes(outer);
}

/** The state within which a transition changes something. */
export function domainOf({ source, targets, reenter }: Choice): AnyStateNode {
  if (!reenter && targets.every((target) => target === source || isWithin(target, source))) return source;
  const [first, ...others] = [...targets, source];
  const common = ancestorsOf(first ?? source).find((outer) => others.every((one) => isWithin(one, outer)));
  if (!common) throw new NotPlannable(`A transition of ${source.id} leaves the whole chart.`);
  return common;
}

export function exitedBy(chosen: readonly Choice[], active: readonly AnyStateNode[]): AnyStateNode[] {
  const exited = new Set<AnyStateNode>();
  for (const choice of chosen) {
    if (choice.targets.length === 0) continue;
    const domain = domainOf(choice);
    for (const node of active) if (isWithin(node, domain)) exited.add(node);
  }
  return [...exited];
}

export function enteredBy(chosen: readonly Choice[]): Set<AnyStateNode> {
  const entered = new Set<AnyStateNode>();
  for (const choice of chosen) {
    if (choice.targets.length === 0) continue;
    const domain = domainOf(choice);
    for (const target of choice.targets) if (target !== domain) entered.add(target);
    for (const target of choice.targets) {
      enterWithin(target, entered);
      for (const outer of ancestorsOf(target)) {
        if (outer === domain || !isWithin(outer, domain)) break;
        entered.add(outer);
        enterWithin(outer, entered);
      }
    }
    if (domain.type === 'parallel') enterWithin(domain, entered);
  }
  return entered;
}

/** What has to be active within a state that is: of a parallel one every region, of others one state. */
function enterWithin(node: AnyStateNode, entered: Set<AnyStateNode>): void {
  const isEntered = (child: AnyStateNode) =>
    [...entered].some((one) => one === child || isWithin(one, child));
  const children = childrenOf(node);
  if (node.type === 'atomic' || (node.type === 'compound' && children.some(isEntered))) return;
  const missing =
    node.type === 'parallel' ? children.filter((child) => !isEntered(child)) : node.initial.target;
  for (const child of missing) {
    entered.add(child);
    enterWithin(child, entered);
  }
}

/** Of transitions that would leave the same states, the one that lies deeper is taken, or else the first. */
export function withoutConflicts(
  chosen: readonly Choice[],
  active: readonly AnyStateNode[],
): readonly Choice[] {
  let kept: Choice[] = [];
  for (const choice of chosen) {
    const exited = exitedBy([choice], active);
    const rivals = kept.filter((other) => exitedBy([other], active).some((node) => exited.includes(node)));
    if (!rivals.every((rival) => isWithin(choice.source, rival.source))) continue;
    kept = [...kept.filter((other) => !rivals.includes(other)), choice];
  }
  return kept;
}
