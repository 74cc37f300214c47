/** Waits for a fact that can only be asked for: other processes do not tell. */
import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks. */
const pauseMs = 20;

/**
 * Settles with the first answer that is not undefined.
 * @throws Error if there is none after `deadlineMs`
 */
export async function eventually<T>(
  fact: string,
  look: () => Promise<T | undefined>,
  deadlineMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline)
      throw new Error(`After ${deadlineMs} ms it does not hold that ${fact}.`);
    await delay(pauseMs);
  }
}
