/** What each operation of a history is taken for while the reason of a failure is looked for. */
import type { History, HistoryOperation } from './history.ts';

/**
 * required: it took effect between call and return, with its output. open: as if it had never returned, so it may take
 * effect at any time after its call, or never. absent: not there.
 */
export type Role = 'required' | 'open' | 'absent';

/** The history in which each operation plays its role, and the place of each of its operations in the whole one. */
export function withRoles<Input, Output>(
  history: History<Input, Output>,
  roles: readonly Role[],
  leftOut: ReadonlySet<number> = new Set(),
): { readonly history: History<Input, Output>; readonly places: readonly number[] } {
  const places: number[] = [];
  const operations: HistoryOperation<Input, Output>[] = [];
  history.forEach((operation, place) => {
    if (roles[place] === 'absent' || leftOut.has(place)) return;
    places.push(place);
    const { client, calledAt, input } = operation;
    operations.push(roles[place] === 'required' ? operation : { client, calledAt, input });
  });
  return { history: operations, places };
}

/** Places of the operations that returned, in the order of their returns. */
export function inOrderOfReturn(history: History<unknown, unknown>): number[] {
  const returnedAt = (place: number) => history[place]?.returnedAt ?? Number.POSITIVE_INFINITY;
  return history
    .map((_, place) => place)
    .filter((place) => history[place]?.returnedAt !== undefined)
    .sort((a, b) => returnedAt(a) - returnedAt(b) || a - b);
}

/** The roles in the part of the history that ends with the return at `last` in the order of returns. */
export function rolesUpTo(
  history: History<unknown, unknown>,
  byReturn: readonly number[],
  last: number,
): Role[] {
  const end = history[byReturn[last] ?? -1]?.returnedAt ?? Number.POSITIVE_INFINITY;
  const roles = history.map(({ calledAt }): Role => (calledAt > end ? 'absent' : 'open'));
  for (const place of byReturn.slice(0, last + 1)) roles[place] = 'required';
  return roles;
}
