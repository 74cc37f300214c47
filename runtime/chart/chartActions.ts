/** Actions of a chart, found by name once, and carried out as XState does: its own kinds (assign, raise, sendTo, …) resolve themselves. */
import type { AnyActorScope, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';

type Context = AnyMachineSnapshot['context'];
type ActorScope = AnyActorScope;

/** What XState's own actions are: functions that carry how they are resolved, and how what came out is executed. */
interface BuiltIn {
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
}

interface ActionArguments {
  readonly context: Context;
  readonly event: AnyEventObject;
  readonly self: ActorScope['self'];
  readonly system: ActorScope['system'];
}

type Change = (args: ActionArguments) => object;

export type ChartAction =
  | { readonly kind: 'assign'; readonly change: Change }
  | { readonly kind: 'builtIn'; readonly builtIn: BuiltIn }
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
  if (type !== 'xstate.assign' || isSpawning) return { kind: 'builtIn', builtIn };
  return { kind: 'assign', change: changeOf(assignment) };
}

function changeOf(assignment: unknown): Change {
  if (typeof assignment === 'function') return assignment as Change; // as assign takes it
  const fields = Object.entries(assignment as object); // likewise
  return (args) =>
    Object.fromEntries(
      fields.map(([key, value]) => [key, typeof value === 'function' ? (value as Change)(args) : value]),
    );
}

/** One step of an actor: its actions change the snapshot one after the other. */
export class ChartStep {
  readonly #machine: AnyStateMachine;
  readonly #scope: ActorScope;
  readonly #queue: AnyEventObject[];
  #snapshot: AnyMachineSnapshot;
  /** What the snapshot's is going to be. */
  #context: Context;

  constructor(
    machine: AnyStateMachine,
    snapshot: AnyMachineSnapshot,
    scope: ActorScope,
    queue: AnyEventObject[],
  ) {
    this.#machine = machine;
    this.#snapshot = snapshot;
    this.#context = snapshot.context;
    this.#scope = scope;
    this.#queue = queue;
  }

  get snapshot(): AnyMachineSnapshot {
    if (this.#snapshot.context !== this.#context)
      this.#snapshot = { ...this.#snapshot, context: this.#context };
    return this.#snapshot;
  }

  run(actions: readonly ChartAction[], event: AnyEventObject): void {
    const { self, system } = this.#scope;
    for (const action of actions) {
      const args = { context: this.#context, event, self, system };
      if (action.kind === 'assign') this.#context = { ...this.#context, ...action.change(args) };
      else if (action.kind === 'builtIn') this.#resolve(action.builtIn, args);
      else
        this.#scope.actionExecutor({ type: action.type, info: args, params: undefined, exec: action.exec });
    }
  }

  #resolve(builtIn: BuiltIn, args: ActionArguments): void {
    const scope = this.#scope;
    const extra = { internalQueue: this.#queue };
    const [next, params, actions] = builtIn.resolve(scope, this.snapshot, args, undefined, builtIn, extra);
    this.#snapshot = next;
    this.#context = next.context;
    if (builtIn.execute) {
      const exec = () => builtIn.execute?.(scope, params);
      scope.actionExecutor({ type: builtIn.type, info: args, params: params as never, exec }); // what resolve gave
    }
    if (!actions) return;
    for (const action of actions) {
      const made = chartAction(this.#machine, action);
      if (!made)
        throw new TypeError(`An action was enqueued in a form that is not known here: ${String(action)}.`);
      this.run([made], args.event);
    }
  }
}
