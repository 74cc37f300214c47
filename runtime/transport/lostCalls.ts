/** Tells callers that there will be no reply, in a turn of the event loop of its own: never from inside their call. */
import type { OnReply } from './waitingCalls.ts';

export class LostCalls {
  #lost: OnReply[] = [];

  add(onReply: OnReply): void {
    // Not a microtask: a caller that tries again at once must not keep the loop from reading its sockets.
    if (this.#lost.length === 0) setImmediate(this.#tell);
    this.#lost.push(onReply);
  }

  readonly #tell = (): void => {
    const lost = this.#lost;
    this.#lost = [];
    for (const onReply of lost) onReply(undefined);
  };
}
