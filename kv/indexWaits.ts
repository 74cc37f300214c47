/**
 * Requests that wait for their index to be applied, as on a Go channel: `at(index, term)` is settled when that very
 * entry is applied, or fails when another term's entry takes its index or leadership is lost. A wait is a slot in three
 * arrays, not a promise and a closure.
 */
import { KvError, type Reply } from './operation.ts';

/** What waits: it gets its replies by slot. */
export interface Waiting {
  settle(slot: number, reply: Reply): void;
}

/** Slots that were settled are given back when there are more of them than this. */
const settledMax = 1024;

export class IndexWaits {
  // Waits in the order of their index, the settled ones before #head.
  #indexes: number[] = [];
  #terms: number[] = [];
  #waiting: Waiting[] = [];
  #slots: number[] = [];
  #head = 0;

  get size(): number {
    return this.#indexes.length - this.#head;
  }

  /** `waiting` gets the reply of the entry of `term` at `index` in `slot`. Indexes are added in rising order. */
  at(index: number, term: number, waiting: Waiting, slot: number): void {
    this.#indexes.push(index);
    this.#terms.push(term);
    this.#waiting.push(waiting);
    this.#slots.push(slot);
  }

  /** The entry of `term` at `index` has been applied with this reply. */
  settle(index: number, term: number, reply: Reply): void {
    let next = this.#indexes[this.#head];
    while (next !== undefined && next <= index) {
      const isThis = next === index && this.#terms[this.#head] === term;
      this.#settleHead(isThis ? reply : overtaken(next));
      next = this.#indexes[this.#head];
    }
    if (this.#head > settledMax && this.#head * 2 > this.#indexes.length) this.#forget();
  }

  /** Leadership is lost: what waits may or may not take effect. */
  failAll(): void {
    while (this.size > 0) this.#settleHead(overtaken(this.#indexes[this.#head] ?? 0));
    this.#forget();
  }

  #settleHead(reply: Reply): void {
    const waiting = this.#waiting[this.#head];
    const slot = this.#slots[this.#head] ?? 0;
    this.#head += 1;
    waiting?.settle(slot, reply);
  }

  #forget(): void {
    this.#indexes = this.#indexes.slice(this.#head);
    this.#terms = this.#terms.slice(this.#head);
    this.#waiting = this.#waiting.slice(this.#head);
    this.#slots = this.#slots.slice(this.#head);
    this.#head = 0;
  }
}

function overtaken(index: number): KvError {
  return new KvError(
    'LeadershipLost',
    `Leadership was lost while entry ${index} waited: it may have taken effect.`,
  );
}
