/** One request to a server: the replies of its items gather until none is missing. */
import type { Waiting } from './indexWaits.ts';
import type { Reply } from './operation.ts';

export class PendingRequest implements Waiting {
  readonly replies: Reply[];
  readonly #answer: (replies: readonly Reply[]) => void;
  #missing: number;

  constructor(items: number, answer: (replies: readonly Reply[]) => void) {
    this.replies = new Array<Reply>(items).fill(null);
    this.#missing = items;
    this.#answer = answer;
  }

  settle(slot: number, reply: Reply): void {
    this.replies[slot] = reply;
    this.#missing -= 1;
    if (this.#missing === 0) this.#answer(this.replies);
  }
}
