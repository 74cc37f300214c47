/**
 * The calls and returns of a history as a doubly linked list in order of time, so that an operation is lifted out of it,
 * and put back, in a few writes (Wing and Gong 1993; Lowe 2017). Operations that never returned have no return to wait
 * for: their calls make a second list.
 *
 * Operations are numbered in order of their calls, those that returned first. Entry 0 heads the list of calls and
 * returns, which has the numbers 1 to 2n; entry 2n + 1 heads the other. An entry after the last is 0.
 */
import type { History } from './history.ts';

export interface EventList {
  /** The places in the history of the operations, in the order of their numbers. */
  readonly places: readonly number[];
  /** How many of them returned. */
  readonly returned: number;
  readonly next: Int32Array;
  readonly previous: Int32Array;
  /** By entry: the operation. */
  readonly operationOf: Int32Array;
  /** By entry: whether it is a call. */
  readonly isCall: Uint8Array;
  /** By operation. */
  readonly callOf: Int32Array;
  /** By operation that returned. */
  readonly returnOf: Int32Array;
  /** By operation that never returned: the last entry of the other list that does not come after its call. */
  readonly openAfter: Int32Array;
}

interface Event {
  readonly time: number;
  readonly operation: number;
  readonly isCall: boolean;
}

/** At equal times calls come first: the operations are concurrent. */
function inOrder(a: Event, b: Event): number {
  return a.time - b.time || Number(b.isCall) - Number(a.isCall) || a.operation - b.operation;
}

export function eventListOf(history: History<unknown, unknown>): EventList {
  const calledAt = (place: number) => history[place]?.calledAt ?? 0;
  const byCall = history.map((_, place) => place).sort((a, b) => calledAt(a) - calledAt(b) || a - b);
  const hasReturned = (place: number) => history[place]?.returnedAt !== undefined;
  const required = byCall.filter(hasReturned);
  const places = [...required, ...byCall.filter((place) => !hasReturned(place))];
  const returned = required.length;

  const events: Event[] = [];
  places.forEach((place, operation) => {
    events.push({ time: calledAt(place), operation, isCall: true });
    const returnedAt = history[place]?.returnedAt;
    if (returnedAt !== undefined) events.push({ time: returnedAt, operation, isCall: false });
  });
  events.sort(inOrder);

  const entries = 2 * returned + 2 + (places.length - returned);
  const list = {
    next: new Int32Array(entries),
    previous: new Int32Array(entries),
    operationOf: new Int32Array(entries).fill(-1),
    isCall: new Uint8Array(entries),
    callOf: new Int32Array(places.length),
    returnOf: new Int32Array(returned),
    openAfter: new Int32Array(places.length),
  };
  const append = (entry: number, after: number, { operation, isCall }: Event) => {
    list.next[after] = entry;
    list.previous[entry] = after;
    list.operationOf[entry] = operation;
    list.isCall[entry] = Number(isCall);
    (isCall ? list.callOf : list.returnOf)[operation] = entry;
  };
  let last = 0;
  let lastOpen = 2 * returned + 1;
  for (const event of events) {
    if (event.operation < returned) {
      append(last + 1, last, event);
      last += 1;
    } else {
      append(lastOpen + 1, lastOpen, event);
      lastOpen += 1;
      list.openAfter[event.operation] = last;
    }
  }
  return { places, returned, ...list };
}
