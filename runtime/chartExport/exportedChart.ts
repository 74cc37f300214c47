/** A statechart as plain data: its definition, and the names that it leaves to an implementation. */
import type { AnyStateMachine } from 'xstate';
import type { Descriptions } from './docComments.ts';

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };
export type PlainObject = { readonly [key: string]: Plain };

export interface NamedStub {
  readonly name: string;
  readonly description?: string;
}

export interface DelayStub extends NamedStub {
  /** Where the original works it out from its context, a stand-in. */
  readonly ms: number;
}

export interface ExportedChart {
  /** The machine's own. */
  readonly id: string;
  readonly description: string;
  /** What createMachine takes, without context, input and other code; it goes through JSON and back unchanged. */
  readonly config: PlainObject;
  readonly actors: readonly NamedStub[];
  readonly guards: readonly NamedStub[];
  readonly actions: readonly NamedStub[];
  readonly delays: readonly DelayStub[];
}

/** Long enough to be seen, short enough to be waited for. */
const standInMs = 1000;

/** Which transitions a state lists under a key each, and which it just lists. */
const keyed = ['on', 'after'];
const listed = ['always', 'onDone'];

/** @param descriptions of guards, actions and delays; transitions that use them show them */
export function exportChart(machine: AnyStateMachine, descriptions: Descriptions): ExportedChart {
  const { actors, guards, actions, delays } = machine.implementations;
  const stub = (name: string): NamedStub => {
    const description = descriptions.get(name);
    return { name, ...(description !== undefined && { description }) };
  };
  return {
    id: machine.id,
    description: machine.root.description ?? '',
    config: describeTransitions(plainObject(machine.config), descriptions),
    actors: Object.keys(actors).map(stub),
    guards: Object.keys(guards).map(stub),
    actions: Object.keys(actions).map(stub),
    delays: Object.entries(delays).map(([name, ms]) => ({
      ...stub(name),
      ms: typeof ms === 'number' ? ms : standInMs,
    })),
  };
}

/** Without what is not data. */
function plainObject(source: object): PlainObject {
  return JSON.parse(JSON.stringify(source)) as PlainObject; // of an object comes an object
}

/** A state with all within it. */
function describeTransitions(state: PlainObject, descriptions: Descriptions): PlainObject {
  const described = Object.entries(state).map(([key, value]): [string, Plain] => {
    if (listed.includes(key)) return [key, describe(value, descriptions)];
    if (!isObject(value)) return [key, value];
    if (key === 'states') {
      return [key, mapValues(value, (one) => (isObject(one) ? describeTransitions(one, descriptions) : one))];
    }
    if (!keyed.includes(key)) return [key, value];
    return [key, mapValues(value, (one, name) => describe(one, descriptions, name))];
  });
  return Object.fromEntries(described);
}

/** A transition, or the candidates for one. A target alone stays as short as it is where nothing is to be said. */
function describe(transition: Plain, descriptions: Descriptions, trigger?: string): Plain {
  if (Array.isArray(transition)) {
    return transition.map((one: Plain) => describe(one, descriptions, trigger));
  }
  const full = isObject(transition) ? transition : { target: transition };
  const names = [trigger, full.guard, full.actions].flat().filter((name) => typeof name === 'string');
  const lines = names.flatMap((name) => {
    const description = descriptions.get(name);
    return description === undefined ? [] : `${name}: ${description}`;
  });
  return lines.length === 0 ? transition : { ...full, description: lines.join('\n') };
}

function mapValues(source: PlainObject, change: (value: Plain, key: string) => Plain): PlainObject {
  return Object.fromEntries(Object.entries(source).map(([key, value]) => [key, change(value, key)]));
}

function isObject(value: Plain | undefined): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
