/** Remembers of every statechart of an actor system the last event that led it from a state to another. */
import type { AnyActor, AnyStateNode, InspectionEvent, Subscription } from 'xstate';
import type { TransitionFrame, TransitionStep } from './clusterFrame.ts';

/** As XState has it, of a transition that was taken. */
interface Taken {
  readonly source: AnyStateNode;
  readonly target: readonly AnyStateNode[] | undefined;
}

export class TransitionWatch {
  /** By actor. */
  readonly #last = new WeakMap<object, TransitionFrame>();
  /** Of the event that an actor is dealing with. */
  readonly #steps = new WeakMap<object, TransitionStep[]>();
  readonly #subscription: Subscription;

  /** `now`: in ms. */
  constructor(root: AnyActor, now: () => number) {
    this.#subscription = root.system.inspect((inspected) => this.#hear(inspected, now()));
  }

  last(actor: object): TransitionFrame | null {
    return this.#last.get(actor) ?? null;
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #hear(inspected: InspectionEvent, time: number): void {
    const { type, actorRef } = inspected;
    if (type === '@xstate.microstep') {
      const taken = inspected._transitions as unknown as readonly Taken[]; // its own type says less
      const steps = taken.flatMap(({ source, target = [] }) =>
        target.map(({ id }) => ({ from: source.id, to: id })),
      );
      if (steps.length > 0) this.#steps.set(actorRef, [...(this.#steps.get(actorRef) ?? []), ...steps]);
    } else if (type === '@xstate.snapshot') {
      const steps = this.#steps.get(actorRef);
      if (steps) this.#last.set(actorRef, { time, event: inspected.event.type, steps });
      this.#steps.delete(actorRef);
    }
  }
}
