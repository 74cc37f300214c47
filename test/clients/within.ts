/** A bound on what may never come. */
import { setTimeout as delay } from 'node:timers/promises';

/** Settles as `what` does. @throws Error after so many ms */
export async function within<T>(ms: number, what: Promise<T>): Promise<T> {
  const isOver = new AbortController();
  const late = delay(ms, undefined, { signal: isOver.signal }).then(() => {
    throw new Error(`there was no answer within ${ms} ms`);
  });
  // Nobody waits for it any more once the other has settled.
  late.catch(() => {});
  try {
    return await Promise.race([what, late]);
  } finally {
    isOver.abort();
  }
}
