/** Actions of a chart, found by name once. Of XState's own kinds (assign, raise, sendTo, …), all but assign resolve themselves. */
import type { AnyActorScope, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';

type Context = AnyMachineSnapshot['context'];
type ActorScope = AnyActorScope;

/** What XState's own actions are: functions that carry how they are resolved, and how what came out is executed. */
export interface BuiltIn {
  readonly type: string;
  resolve(
    scope: ActorScope,
    snapshot: AnyMachineSnapshot,
    args: ActionArguments,
    params: undefined,
    action: BuiltIn,
    extra: { readonly internalQueue: AnyEventObject[] },
  ): readonly [snapshot: AnyMachineSnapshot, params: unknown, actions: readonly unknown[] | undefined];
  execute?(scope: ActorScope, params: unknown): void;
  /** Of an assign. */
  readonly assignment?: unknown;
  /** Of a raise. */
  readonly delay?: unknown;
}

/** An event of its own may follow within the same step. */
export function raisesAtOnce({ type, delay }: BuiltIn): boolean {
  return type === 'xstate.enqueueActions' || (type === 'xstate.raise' && delay === undefined);
}

export interface ActionArguments {
  readonly context: Context;
  readonly event: AnyEventObject;
  readonly self: ActorScope['self'];
  readonly system: ActorScope['system'];
}

type Change = (args: ActionArguments) => object;

export type ChartAction =
  | { readonly kind: 'assign'; readonly change: Change }
  | {
      readonly kind: 'builtIn';
      readonly builtIn: BuiltIn;
      /** It raises an event, now or later, or cancels one that was to come: no part of the snapshot that changes matters. */
      readonly isTimer: boolean;
    }
  | {
      readonly kind: 'effect';
      readonly type: string;
      readonly exec: ((args: ActionArguments) => void) | undefined;
    };

/** Undefined: an action of a form that only XState itself carries out. */
export function chartAction(machine: AnyStateMachine, action: unknown): ChartAction | undefined {
  if (typeof action !== 'string' && typeof action !== 'function') return undefined;
  const found: unknown = typeof action === 'string' ? machine.implementations.actions[action] : action;
  if (typeof found !== 'function') {
    return found === undefined ? { kind: 'effect', type: String(action), exec: undefined } : undefined;
  }
  if (!('resolve' in found)) {
    const type = typeof action === 'string' ? action : action.name || '(anonymous)';
    return { kind: 'effect', type, exec: found as (args: ActionArguments) => void }; // a custom action
  }
  const builtIn = found as unknown as BuiltIn; // what has a resolve is one
  const { type, assignment } = builtIn;
  const isSpawning = typeof assignment === 'function' && /\bspawn\b/.test(String(assignment));
  if (type !== 'xstate.assign' || isSpawning) {
    return { kind: 'builtIn', builtIn, isTimer: type === 'xstate.raise' || type === 'xstate.cancel' };
  }
  return { kind: 'assign', change: changeOf(assignment) };
}

function changeOf(assignment: unknown): Change {
  if (typeof assignment === 'function') return assignment as Change; // as assign takes it
  const fields = Object.entries(assignment as object); // likewise
  if (!fields.some(([, value]) => typeof value === 'function')) return () => assignment as object; // likewise
  return (args) =>
    Object.fromEntries(
      fields.map(([key, value]) => [key, typeof value === 'function' ? (value as Change)(args) : value]),
    );
}
