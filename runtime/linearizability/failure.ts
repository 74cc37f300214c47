/** Why a history is not linearizable: how far it is, what comes next and cannot be, and the fewest operations that show it. */
import type { History, HistoryOperation } from './history.ts';
import type { Model } from './model.ts';
import { Refuter } from './refuter.ts';
import { inOrderOfReturn, type Role, rolesUpTo } from './roles.ts';
import { shortestStretch } from './shortestStretch.ts';

export interface Failure<State, Input, Output> {
  /** The part of the object, as the model's `partition` names it; '' if the model has none. */
  readonly partition: string;
  /** All operations on that part. */
  readonly history: History<Input, Output>;
  /** The history is linearizable until this operation returns, and not from then on. */
  readonly offender: HistoryOperation<Input, Output>;
  /** An order in which the operations before that can have taken effect; empty if none was found soon enough. */
  readonly prefix: History<Input, Output>;
  /**
   * The operations that contradict each other, in order of their calls. All others may take effect at any time after
   * their calls, or never. If one of these might, too, the contradiction would be gone, or, in the rare case that this is
   * too much work to find out, it may be.
   */
  readonly stretch: History<Input, Output>;
  /** What the object can hold when the stretch begins, if that is not the beginning of the history. */
  readonly begins: { readonly at: number; readonly states: readonly State[] } | undefined;
}

/** @param farthest a place in the history: it is linearizable at least until this operation returns */
export function failureOf<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  partition: string,
  history: History<Input, Output>,
  farthest: number,
): Failure<State, Input, Output> {
  const refuter = new Refuter(model, history);
  const byReturn = inOrderOfReturn(history);
  refuter.begin();
  const last = offendingReturn(refuter, byReturn, byReturn.indexOf(farthest));
  const roles = rolesUpTo(history, byReturn, last);
  const offender = byReturn[last] ?? -1;
  const before = roles.map((role, place): Role => (place === offender ? 'open' : role));
  refuter.begin();
  const prefix = operationsAt(history, refuter.order(before));
  const { stretch, begins } = shortestStretch(refuter, byReturn.slice(0, last + 1), roles);
  return {
    ...{ partition, history, prefix, begins },
    offender: operationsAt(history, [offender])[0] as HistoryOperation<Input, Output>, // byReturn holds places of the history.
    stretch: operationsAt(history, stretch),
  };
}

/** The first return such that the history until then is not linearizable. */
function offendingReturn<State extends NonNullable<unknown> | null, Input, Output>(
  refuter: Refuter<State, Input, Output>,
  byReturn: readonly number[],
  farthest: number,
): number {
  const start = [refuter.beginning()];
  const isOffending = (last: number) => refuter.refutes(rolesUpTo(refuter.history, byReturn, last), start);
  // Mostly the search got as far as there is a way; where it knew answers that came later, it may have given up before.
  if (isOffending(farthest)) return farthest;
  let low = farthest + 1;
  let high = byReturn.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isOffending(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

function operationsAt<Input, Output>(
  history: History<Input, Output>,
  places: readonly number[],
): HistoryOperation<Input, Output>[] {
  return places.flatMap((place) => history[place] ?? []);
}
