/** How long to wait before a peer is dialled again. */
import type { Random } from '../../machines/ports.ts';

/** Doubling further would only grow the number. */
const doublingsMax = 16;

/**
 * ms to wait after so many failures in a row (at least 1): anywhere between `minMs` and a ceiling that doubles with each
 * failure up to `maxMs`. Random over the whole range, so that nodes that lost each other together do not return together.
 */
export function backOffMs(failures: number, random: Random, minMs: number, maxMs: number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures, doublingsMax));
  return minMs + random.next() * Math.max(0, ceiling - minMs);
}
