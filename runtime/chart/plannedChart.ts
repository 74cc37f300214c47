/**
 * Runs a statechart by a plan. XState's interpreter works out at every event which states are left and entered, and makes
 * the state value and the tags anew at every change of the context; here that is done once for each set of active states.
 * The chart, its guards and actions, actors, mailboxes, timers and inspection are XState's all the same, and so is the
 * outcome of every event.
 */
import type {
  AnyActorRef,
  AnyActorScope,
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  ContextFrom,
} from 'xstate';
import { ChartStep } from './chartStep.ts';
import { type Choice, NotPlannable } from './choice.ts';
import { Plan, type Step } from './configuration.ts';

/**
 * The same machine, run by a plan; the machine itself if it has what plans do not know (invokes, history, final states but
 * at the top).
 * @param copyContext gives a new object with the same fields
 */
export function planned<Machine extends AnyStateMachine>(
  machine: Machine,
  copyContext: (context: ContextFrom<Machine>) => ContextFrom<Machine> = (context) =>
    ({ ...(context as object) }) as typeof context,
): Machine {
  let plan: Plan;
  try {
    plan = new Plan(machine, copyContext);
  } catch (error) {
    if (error instanceof NotPlannable) return machine;
    throw error;
  }
  const transition = (snapshot: AnyMachineSnapshot, event: AnyEventObject, scope: AnyActorScope) =>
    isOrdinary(event) && snapshot.status === 'active'
      ? macrostep(plan, snapshot, event, scope)
      : machine.transition(snapshot, event, scope);
  return Object.create(machine, { transition: { value: transition } });
}

/** Of XState's own events, timers alone are like others: a stop or an actor's error ends the machine. */
function isOrdinary({ type }: AnyEventObject): boolean {
  return !type.startsWith('xstate.') || type.startsWith('xstate.after.');
}

/** An event and all that follows from it at once: what its actions raise, and transitions without an event. */
function macrostep(
  plan: Plan,
  from: AnyMachineSnapshot,
  first: AnyEventObject,
  scope: AnyActorScope,
): AnyMachineSnapshot {
  const step = new ChartStep(plan, from, scope);
  let event = first;
  const chosenFirst = step.configuration.chosenFor(event, step.context);
  if (chosenFirst.some(({ ends }) => ends)) return plan.machine.transition(from, first, scope);
  take(step, chosenFirst, event, scope);
  for (let hasChanged = true; ; ) {
    const chosen = hasChanged ? step.configuration.chosenEventless(event, step.context) : [];
    if (chosen.length > 0) {
      const before = step.changes;
      take(step, chosen, event, scope);
      hasChanged = step.changes !== before;
      continue;
    }
    const raised = step.raised.shift();
    if (!raised) return step.snapshot;
    event = raised;
    take(step, step.configuration.chosenFor(event, step.context), event, scope);
    hasChanged = true;
  }
}

function take(step: ChartStep, chosen: readonly Choice[], event: AnyEventObject, scope: AnyActorScope): void {
  if (chosen.length === 0) {
    tellInspectors(scope, event, step, noTransitions);
    return;
  }
  const taken = step.configuration.step(chosen);
  step.take(taken, event);
  tellInspectors(scope, event, step, taken.transitions);
}

const noTransitions: Step['transitions'] = [];

/** What XState's own interpreter tells of a step. There is one for all: it is copied for whoever listens. */
const told = {
  type: '@xstate.microstep',
  actorRef: undefined as AnyActorRef | undefined,
  event: undefined as AnyEventObject | undefined,
  /** Made when the copy is: where nobody listens, never. */
  get snapshot(): AnyMachineSnapshot | undefined {
    return toldStep?.snapshot;
  },
  _transitions: noTransitions,
};
let toldStep: ChartStep | undefined;

function tellInspectors(
  { self, system }: AnyActorScope,
  event: AnyEventObject,
  step: ChartStep,
  transitions: Step['transitions'],
): void {
  told.actorRef = self;
  told.event = event;
  told._transitions = transitions;
  toldStep = step;
  // XState keeps it from the types.
  (system as unknown as { _sendInspectionEvent(inspected: object): void })._sendInspectionEvent(told);
}
