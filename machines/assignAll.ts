/** Makes named changes of a context into the actions of the same names. */
import { assign, type EventObject, type MachineContext } from 'xstate';

type Change<Context, Event> = (done: {
  readonly context: Context;
  readonly event: Event;
}) => Partial<Context>;

export function assignAll<Context extends MachineContext, Event extends EventObject, Name extends string>(
  changes: Readonly<Record<Name, Change<Context, Event>>>,
) {
  type Action = ReturnType<typeof assign<Context, Event, undefined, Event, never>>;
  const actions: Partial<Record<Name, Action>> = {};
  for (const name of Object.keys(changes) as Name[]) actions[name] = assign(changes[name]);
  return actions as Record<Name, Action>; // one for each name
}
