/** The definition of linearizability, tried out literally: every subset of what never returned, in every order. */
import type { History, HistoryOperation, Model } from 'xstate-raft/testing';

export function isLinearizableByDefinition<State extends NonNullable<unknown> | null, Input, Output>(
  history: History<Input, Output>,
  model: Model<State, Input, Output>,
): boolean {
  const precedes = (a: HistoryOperation<Input, Output>, b: HistoryOperation<Input, Output>) =>
    a.returnedAt !== undefined && a.returnedAt < b.calledAt;
  const goOn = (left: History<Input, Output>, state: State): boolean => {
    if (left.every(({ returnedAt }) => returnedAt === undefined)) return true;
    return left.some((operation) => {
      if (left.some((other) => precedes(other, operation))) return false;
      const { input, output, returnedAt } = operation;
      const returned = returnedAt !== undefined;
      const next = model.step(state, input, returned ? output : undefined, returned);
      return (
        next !== undefined &&
        goOn(
          left.filter((other) => other !== operation),
          next,
        )
      );
    });
  };
  return goOn(history, model.init());
}
