import { atTurnEnd } from './turnEnd.ts';

/** How work waits for the rest of a turn of the event loop. In simulated time a turn is what one event sets off. */
export interface Scheduling {
  /** Runs the task once what arrived together has been looked at, so that it can be treated as one batch. */
  afterTurn(task: () => void): void;
  /** Runs the task once the event loop has read its sockets. */
  afterReading(task: () => void): void;
  /** Runs the task in a turn of its own, so that what arrives is heard before. */
  inNextTurn(task: () => void): void;
}

export const realScheduling: Scheduling = {
  afterTurn: atTurnEnd,
  // The first turn ends before the sockets are polled, the second after.
  afterReading: (task) => void setImmediate(() => setImmediate(task)),
  inNextTurn: (task) => void setImmediate(task),
};

export const virtualScheduling: Scheduling = {
  afterTurn: (task) => queueMicrotask(task),
  afterReading: (task) => queueMicrotask(task),
  inNextTurn: (task) => queueMicrotask(task),
};
