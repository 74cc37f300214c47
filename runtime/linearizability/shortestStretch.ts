/** The fewest operations that contradict each other: most of a history that fails has nothing to do with it. */
import type { Refuter } from './refuter.ts';
import type { Role } from './roles.ts';
import type { Configuration } from './search.ts';

/** So many operations are short enough to be read from the beginning of the history. */
const shortEnough = 8;

/** How many returns before the offending one a stretch begins, if it is not short enough from the beginning. */
const returnsBefore = [4, 16, 64, 256];

export interface Stretch<State> {
  /** Places in the history, in order of their calls. */
  readonly stretch: readonly number[];
  readonly begins: { readonly at: number; readonly states: readonly State[] } | undefined;
}

/** @param byReturn places of the operations that are required, in order of their returns; the last is the offender */
export function shortestStretch<State extends NonNullable<unknown> | null, Input, Output>(
  refuter: Refuter<State, Input, Output>,
  byReturn: readonly number[],
  roles: readonly Role[],
): Stretch<State> {
  refuter.begin();
  const whole = fewest(refuter, byReturn, roles, [refuter.beginning()]);
  let shortest: Stretch<State> = { stretch: whole, begins: undefined };
  for (const returns of returnsBefore) {
    if (shortest.stretch.length <= shortEnough) break;
    refuter.begin();
    const at = refuter.history[byReturn[byReturn.length - 1 - returns] ?? -1]?.returnedAt;
    const starts = at === undefined ? undefined : refuter.configurationsAt(at, roles);
    if (at === undefined || !starts || starts.length === 0) continue;
    const stretch = fewest(refuter, byReturn, roles, starts);
    if (stretch.length >= shortest.stretch.length) continue;
    shortest = { stretch, begins: { at, states: distinctStates(refuter, starts) } };
  }
  return shortest;
}

/**
 * Opens as many operations as can be while the rest still contradicts itself. To open more never makes a history fail
 * that did not, so one pass by halves finds a set of which none can be spared.
 */
function fewest<State extends NonNullable<unknown> | null, Input, Output>(
  refuter: Refuter<State, Input, Output>,
  byReturn: readonly number[],
  from: readonly Role[],
  starts: readonly Configuration<State>[],
): number[] {
  const { history } = refuter;
  const isDone = (place: number) => starts.every(({ done }) => done.has(place));
  const calledAt = (place: number) => history[place]?.calledAt ?? 0;
  const inQuestion = byReturn
    .slice(0, -1)
    .filter((place) => !isDone(place))
    .sort((a, b) => calledAt(a) - calledAt(b) || a - b);
  let roles = from;
  const kept: number[] = [];
  const waiting = [inQuestion];
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    if (part.length === 0) continue;
    const opened = withOpened(roles, part);
    if (refuter.refutes(opened, starts)) roles = opened;
    else if (part.length === 1) kept.push(...part);
    else waiting.push(part.slice(part.length >>> 1), part.slice(0, part.length >>> 1));
  }
  return [...kept, ...byReturn.slice(-1)].sort((a, b) => calledAt(a) - calledAt(b) || a - b);
}

function withOpened(roles: readonly Role[], places: readonly number[]): Role[] {
  const opened = [...roles];
  for (const place of places) opened[place] = 'open';
  return opened;
}

function distinctStates<State extends NonNullable<unknown> | null, Input, Output>(
  { model }: Refuter<State, Input, Output>,
  starts: readonly Configuration<State>[],
): State[] {
  const byKey = new Map<unknown, State>();
  for (const { state } of starts) byKey.set(model.key ? model.key(state) : state, state);
  return [...byKey.values()];
}
