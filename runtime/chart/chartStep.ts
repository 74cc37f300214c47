/** What becomes of an actor's snapshot in the course of one event: its actions change it one after the other. */
import type { AnyActorScope, AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { type ActionArguments, type BuiltIn, type ChartAction, chartAction } from './chartActions.ts';
import type { Configuration, Plan, Step } from './configuration.ts';

export class ChartStep {
  configuration: Configuration;
  /** What actions have raised, to be taken before the event is over. */
  readonly raised: AnyEventObject[] = [];
  readonly #plan: Plan;
  readonly #scope: AnyActorScope;
  #snapshot: AnyMachineSnapshot;
  /** What the snapshot's is going to be. */
  #context: AnyMachineSnapshot['context'];

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

  get snapshot(): AnyMachineSnapshot {
    if (this.#snapshot.context !== this.#context)
      this.#snapshot = { ...this.#snapshot, context: this.#context };
    return this.#snapshot;
  }

  take({ actions, next }: Step, event: AnyEventObject): void {
    this.#run(actions, event);
    if (next === this.configuration) return;
    const { nodes: _nodes, value, tags } = next;
    this.#snapshot = { ...this.#snapshot, context: this.#context, _nodes, value, tags } as AnyMachineSnapshot; // with the machine's own types
    this.configuration = next;
  }

  #run(actions: readonly ChartAction[], event: AnyEventObject): void {
    const { self, system } = this.#scope;
    /** Changes in a row share one copy of the context: nobody has seen it in between. */
    let isOwnCopy = false;
    for (const action of actions) {
      const args = { context: this.#context, event, self, system };
      if (action.kind === 'assign') {
        const change = action.change(args);
        if (isOwnCopy) Object.assign(this.#context, change);
        else this.#context = { ...this.#context, ...change };
        isOwnCopy = true;
        continue;
      }
      isOwnCopy = false;
      if (action.kind === 'builtIn') this.#resolve(action.builtIn, args);
      else
        this.#scope.actionExecutor({ type: action.type, info: args, params: undefined, exec: action.exec });
    }
  }

  #resolve(builtIn: BuiltIn, args: ActionArguments): void {
    const scope = this.#scope;
    const extra = { internalQueue: this.raised };
    const [next, params, actions] = builtIn.resolve(scope, this.snapshot, args, undefined, builtIn, extra);
    this.#snapshot = next;
    this.#context = next.context;
    if (builtIn.execute) {
      const info = { type: builtIn.type, info: args, params: params as never }; // what resolve gave
      scope.actionExecutor({ ...info, exec: () => builtIn.execute?.(scope, params) });
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
