/**
 * Deadlines in their order: a binary heap whose members know their place, so that one can be taken out from the middle.
 * Those of one moment stand in the order of their keys: what expires first is the same on every replica, whatever the
 * heap has been through.
 */

/** That something with this key expires. */
export interface Due<K> {
  readonly key: K;
  /** ms of log time */
  readonly deadline: number;
  /** Where it stands in the heap; the heap's own. */
  place: number;
}

export class Deadlines<K extends string | number> {
  readonly #heap: Due<K>[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get first(): Due<K> | undefined {
    return this.#heap[0];
  }

  add(key: K, deadline: number): Due<K> {
    const due: Due<K> = { key, deadline, place: this.#heap.length };
    this.#heap.push(due);
    this.#rise(due);
    return due;
  }

  /** Takes out one that `add` gave, once. */
  remove(due: Due<K>): void {
    const last = this.#heap.pop();
    if (!last || last === due) return;
    this.#put(last, due.place);
    this.#rise(last);
    this.#sink(last);
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #put(due: Due<K>, place: number): void {
    this.#heap[place] = due;
    due.place = place;
  }

  #rise(due: Due<K>): void {
    while (due.place > 0) {
      const { place } = due;
      const above = this.#heap[(place - 1) >> 1];
      if (!above || !isBefore(due, above)) return;
      this.#put(due, above.place);
      this.#put(above, place);
    }
  }

  #sink(due: Due<K>): void {
    for (;;) {
      const { place } = due;
      const left = this.#heap[2 * place + 1];
      const right = this.#heap[2 * place + 2];
      if (!left) return;
      const least = right && isBefore(right, left) ? right : left;
      if (!isBefore(least, due)) return;
      this.#put(due, least.place);
      this.#put(least, place);
    }
  }
}

function isBefore<K extends string | number>(a: Due<K>, b: Due<K>): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.key < b.key);
}
