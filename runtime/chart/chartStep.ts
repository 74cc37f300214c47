/** What becomes of an actor's snapshot in the course of one event: its actions change it one after the other. */
import type { AnyActorScope, AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { type ActionArguments, type ChartAction, chartAction } from './chartActions.ts';
import type { Configuration, Plan, Step } from './configuration.ts';

type BuiltInAction = Extract<ChartAction, { kind: 'builtIn' }>;

export class ChartStep {
  configuration: Configuration;
  /** What actions have raised, to be taken before the event is over. */
  readonly raised: AnyEventObject[] = [];
  readonly #plan: Plan;
  readonly #scope: AnyActorScope;
  /** As it was last asked for. */
  #snapshot: AnyMachineSnapshot;
  /** What the snapshot's is going to be. */
  #context: AnyMachineSnapshot['context'];
  #changes = 0;

  constructor(plan: Plan, from: AnyMachineSnapshot, scope: AnyActorScope) {
    this.#plan = plan;
    this.#scope = scope;
    this.#snapshot = from;
    this.#context = from.context;
    this.configuration = plan.of(from._nodes);
  }

  get context(): AnyMachineSnapshot['context'] {
    return this.#context;
  }

  /** How often the snapshot has changed in this step. */
  get changes(): number {
    return this.#changes;
  }

  /** Made when it is asked for: most of an event's steps pass unseen. */
  get snapshot(): AnyMachineSnapshot {
    const { nodes: _nodes, value, tags } = this.configuration;
    const context = this.#context;
    const last = this.#snapshot;
    if (last._nodes === _nodes && last.context === context) return last;
    // Field by field: copies of copies by a spread are slow in V8, each of a shape of its own.
    const { status, output, error, machine, children, historyValue } = last;
    const { matches, hasTag, can, getMeta, toJSON } = last;
    this.#snapshot = {
      status,
      output,
      error,
      machine,
      context,
      _nodes,
      value,
      tags,
      children,
      historyValue,
      matches,
      hasTag,
      can,
      getMeta,
      toJSON,
    } as AnyMachineSnapshot; // with the machine's own types
    return this.#snapshot;
  }

  take({ actions, next }: Step, event: AnyEventObject): void {
    this.#run(actions, event);
    if (next === this.configuration) return;
    this.configuration = next;
    this.#changes += 1;
  }

  #run(actions: readonly ChartAction[], event: AnyEventObject): void {
    const { self, system } = this.#scope;
    /** Changes in a row share one copy of the context: nobody has seen it in between. */
    let isOwnCopy = false;
    for (const action of actions) {
      const args = { context: this.#context, event, self, system };
      if (action.kind === 'assign') {
        const change: AnyMachineSnapshot['context'] = action.change(args);
        if (!isOwnCopy) this.#context = this.#plan.copyContext(this.#context);
        isOwnCopy = true;
        Object.assign(this.#context, change);
        this.#changes += 1;
        continue;
      }
      isOwnCopy = false;
      if (action.kind === 'builtIn') this.#resolve(action, args);
      else
        this.#scope.actionExecutor({ type: action.type, info: args, params: undefined, exec: action.exec });
    }
  }

  #resolve({ builtIn, isTimer }: BuiltInAction, args: ActionArguments): void {
    const scope = this.#scope;
    const extra = { internalQueue: this.raised };
    const before = isTimer ? this.#snapshot : this.snapshot;
    const [next, params, actions] = builtIn.resolve(scope, before, args, undefined, builtIn, extra);
    if (next !== before) {
      this.#snapshot = next;
      this.#context = next.context;
      this.#changes += 1;
    }
    if (builtIn.execute) {
      scope.actionExecutor({
        type: builtIn.type,
        info: args,
        params: params as never, // what resolve gave
        exec: () => builtIn.execute?.(scope, params),
      });
    }
    if (!actions) return;
    for (const action of actions) {
      const made = chartAction(this.#plan.machine, action);
      if (!made)
        throw new TypeError(`An action was enqueued in a form that is not known here: ${String(action)}.`);
      this.#run([made], args.event);
    }
  }
}
