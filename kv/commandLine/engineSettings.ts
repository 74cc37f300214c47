/**
 * What a node tells V8 about itself, which by default is set up for programs that run for a moment. A version of V8 that
 * does not know a setting says so and goes on without it.
 */
import { setFlagsFromString } from 'node:v8';

export const engineSettings: readonly string[] = [
  // A node runs the same code again and again: what it has run for a moment is compiled for good. By default that takes
  // several times as many calls, and a node answers at half its speed for the first 20 s under load.
  '--interrupt-budget=8192',
  // The heap is small and what lies outside it large: entries and values. By default V8 walks through the whole heap for
  // each 20 MiB that come in outside; with this, as far as the heap counts, for each five times the heap.
  '--heap-growing-percent=400',
  // Of what is young hardly anything outlives a collection: to wake threads for that takes longer than it does.
  '--no-parallel-scavenge',
];

/** To be called once, before there is load. */
export function settleEngine(): void {
  for (const setting of engineSettings) setFlagsFromString(setting);
}
