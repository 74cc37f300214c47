/** A history: what clients asked, what they were told, and when. Plain data, so that it can be kept as JSON. */

/**
 * One operation of one client. Times are of any unit, on one clock for all clients. An operation comes before another if
 * it returned at a smaller time than the other was called; all else is concurrent, also where the times are equal.
 */
export interface HistoryOperation<Input, Output> {
  /** Who asked. Only for people to read: operations of one client may overlap. */
  readonly client: string | number;
  /** When it was asked. */
  readonly calledAt: number;
  /** When the answer came; none if it never did: then it may take effect at any time after the call, or never. */
  readonly returnedAt?: number | undefined;
  readonly input: Input;
  /** The answer. That of an operation that never returned is not looked at. */
  readonly output?: Output | undefined;
}

export type History<Input, Output> = readonly HistoryOperation<Input, Output>[];

/** An operation's times cannot be. */
export class InvalidHistory extends Error {
  override readonly name = 'InvalidHistory';
  readonly code = 'InvalidHistory';
}

/** @throws InvalidHistory */
export function validateHistory(history: History<unknown, unknown>): void {
  history.forEach(({ client, calledAt, returnedAt }, i) => {
    const who = `Operation ${i} of the history, by client ${client},`;
    if (!Number.isFinite(calledAt)) {
      throw new InvalidHistory(`${who} has calledAt ${calledAt}: give the time of the call as a number.`);
    }
    if (returnedAt === undefined) return;
    if (!Number.isFinite(returnedAt)) {
      throw new InvalidHistory(
        `${who} has returnedAt ${returnedAt}: leave it out if the operation never returned.`,
      );
    }
    if (returnedAt < calledAt) {
      throw new InvalidHistory(
        `${who} returned at ${returnedAt}, before it was called at ${calledAt}: take both times from one clock.`,
      );
    }
  });
}
