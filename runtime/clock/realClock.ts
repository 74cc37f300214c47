/** The clock of the machine: monotonic, so that a corrected wall clock elects nobody. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../../machines/ports.ts';

export const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.ceil(delayMs)),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout), // made by setTimeout above
};
