/** Where each operation of a failure stands in its timeline: the columns are moments, the rows are clients. */
import type { Failure } from './failure.ts';
import type { HistoryOperation } from './history.ts';

/** Of the operations that are no part of the contradiction, so many are shown: those called last before the failure. */
const othersShown = 20;

export interface Bar<Input, Output> {
  readonly operation: HistoryOperation<Input, Output>;
  /** From 1, in order of the calls that are shown. */
  readonly number: number;
  readonly row: number;
  /** The bar lies from one column to before the other. */
  readonly from: number;
  readonly to: number;
  /** contradicts: one of those that contradict each other; offends: the one with which the history fails. */
  readonly part: 'offends' | 'contradicts' | 'fits' | 'underWay';
  /** Its place in the order that explains the history until it fails; from 1. */
  readonly order: number | undefined;
}

export interface Lane {
  readonly client: string | number;
  readonly row: number;
  /** More than one where operations of the client overlap. */
  readonly rows: number;
}

export interface TimelineLayout<Input, Output> {
  readonly bars: readonly Bar<Input, Output>[];
  readonly lanes: readonly Lane[];
  /** Column by column, the moment at which it begins. */
  readonly moments: readonly number[];
  /** The column in front of which the history is linearizable. */
  readonly end: number;
  /** Operations before the end that are not shown. */
  readonly hidden: number;
}

export function timelineLayout<Input, Output>(
  failure: Failure<unknown, Input, Output>,
): TimelineLayout<Input, Output> {
  const { offender, stretch, prefix, history } = failure;
  const endsAt = offender.returnedAt ?? offender.calledAt;
  const called = history.filter(({ calledAt }) => calledAt <= endsAt).sort((a, b) => a.calledAt - b.calledAt);
  const needed = new Set(stretch);
  const others = called.filter((operation) => !needed.has(operation)).slice(-othersShown);
  for (const operation of others) needed.add(operation);
  const shown = called.filter((operation) => needed.has(operation));

  const isOver = ({ returnedAt }: HistoryOperation<Input, Output>) =>
    returnedAt !== undefined && returnedAt <= endsAt;
  const times = shown.flatMap((operation) =>
    isOver(operation) ? [operation.calledAt, operation.returnedAt ?? 0] : [operation.calledAt],
  );
  const moments = [...new Set(times)].sort((a, b) => a - b);
  const columnOf = new Map(moments.map((moment, column) => [moment, column]));
  const orderOf = new Map(prefix.map((operation, place) => [operation, place + 1]));
  const rowOf = rowsOf(shown);
  const inStretch = new Set(stretch);
  const bars = shown.map((operation, place): Bar<Input, Output> => {
    const from = columnOf.get(operation.calledAt) ?? 0;
    // What is still under way reaches into a column of its own, behind the end.
    const to = isOver(operation) ? (columnOf.get(operation.returnedAt ?? 0) ?? 0) : moments.length;
    const fits = isOver(operation) ? 'fits' : 'underWay';
    const isPart = inStretch.has(operation);
    return {
      ...{ operation, number: place + 1, row: rowOf.rows[place] ?? 0, from, to: Math.max(to, from + 1) },
      part: operation === offender ? 'offends' : isPart ? 'contradicts' : fits,
      order: operation === offender ? undefined : orderOf.get(operation),
    };
  });
  const end = columnOf.get(endsAt) ?? moments.length;
  return { bars, lanes: rowOf.lanes, moments, end, hidden: called.length - shown.length };
}

/** A lane for each client, of as many rows as it takes to show what overlaps. */
function rowsOf(shown: readonly HistoryOperation<unknown, unknown>[]): {
  readonly rows: readonly number[];
  readonly lanes: readonly Lane[];
} {
  const clients = [...new Set(shown.map(({ client }) => client))].sort((a, b) =>
    String(a).localeCompare(String(b), 'en', { numeric: true }),
  );
  const rows: number[] = [];
  const lanes: Lane[] = [];
  let first = 0;
  for (const client of clients) {
    const freeFrom: number[] = [];
    shown.forEach(({ client: of, calledAt, returnedAt = Number.POSITIVE_INFINITY }, place) => {
      if (of !== client) return;
      const free = freeFrom.findIndex((from) => from <= calledAt);
      const row = free === -1 ? freeFrom.length : free;
      freeFrom[row] = returnedAt;
      rows[place] = first + row;
    });
    lanes.push({ client, row: first, rows: freeFrom.length });
    first += freeFrom.length;
  }
  return { rows, lanes };
}
