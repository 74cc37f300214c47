/** The calls to one peer that have no reply yet, in the order in which they were made. */
import { ticksPerPeriod } from './ticker.ts';

/** Gets the reply, or undefined if there will be none. */
export type OnReply = (payload: Uint8Array | undefined) => void;

interface WaitingCall {
  readonly onReply: OnReply;
  /** The ticker's count when the call was made. */
  readonly tick: number;
}

/** Ids stay within the integers that V8 does not put on the heap; by the time they repeat, the old call is long over. */
const callIdMask = 0x3fffffff;

export class WaitingCalls {
  readonly #calls = new Map<number, WaitingCall>();
  #lastId = 0;

  get size(): number {
    return this.#calls.size;
  }

  /** The id of the latest call. */
  get lastId(): number {
    return this.#lastId;
  }

  /** Returns the id that the reply must carry. */
  add(onReply: OnReply, tick: number): number {
    const id = (this.#lastId + 1) & callIdMask;
    this.#lastId = id;
    this.#calls.set(id, { onReply, tick });
    return id;
  }

  /** A reply has come; that to a call that is over, or to none, is dropped. */
  settle(id: number, payload: Uint8Array): void {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    call.onReply(payload);
  }

  /** Gives up the calls that have waited for more than the period; returns the id of the last of them. */
  giveUpOverdue(tick: number): number | undefined {
    let lastOverdue: number | undefined;
    // A map gives its entries in the order of their insertion: the first call that is young enough ends the search.
    for (const [id, call] of this.#calls) {
      if (tick - call.tick <= ticksPerPeriod) break;
      lastOverdue = id;
      this.#calls.delete(id);
      call.onReply(undefined);
    }
    return lastOverdue;
  }

  /** All of them, which wait no longer here. */
  takeAll(): OnReply[] {
    const all = Array.from(this.#calls.values(), (call) => call.onReply);
    this.#calls.clear();
    return all;
  }
}
