/**
 * Deadlines in their order: a binary heap of numbers, each of which knows its place, so that one can be taken out from the
 * middle. Those of one moment stand in the order of their keys: what expires first is the same on every replica, whatever
 * the heap has been through.
 */
export class Deadlines<K extends string | number> {
  // By the number of the deadline; none has the number 0.
  readonly #keys: (K | undefined)[] = [undefined];
  /** ms of log time */
  readonly #times: number[] = [0];
  /** Where it stands in the heap. */
  readonly #places: number[] = [0];
  readonly #freeNumbers: number[] = [];
  readonly #heap: number[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The first deadline; Infinity: there is none. */
  get first(): number {
    const [number] = this.#heap;
    return number === undefined ? Number.POSITIVE_INFINITY : (this.#times[number] ?? 0);
  }

  /** What expires first. */
  get firstKey(): K | undefined {
    return this.#keys[this.#heap[0] ?? 0];
  }

  /** Gives the deadline a number above 0, which is its own until it is removed. */
  add(key: K, deadline: number): number {
    const number = this.#freeNumbers.pop() ?? this.#keys.length;
    this.#keys[number] = key;
    this.#times[number] = deadline;
    this.#put(number, this.#heap.length);
    this.#rise(number);
    return number;
  }

  /** Takes out one that `add` gave, once. */
  remove(number: number): void {
    const last = this.#heap.pop();
    if (last !== undefined && last !== number) {
      this.#put(last, this.#places[number] ?? 0);
      this.#rise(last);
      this.#sink(last);
    }
    this.#keys[number] = undefined;
    this.#freeNumbers.push(number);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#freeNumbers.length = 0;
    for (const each of [this.#keys, this.#times, this.#places]) each.length = 1;
  }

  #put(number: number, place: number): void {
    this.#heap[place] = number;
    this.#places[number] = place;
  }

  #rise(number: number): void {
    for (let place = this.#places[number] ?? 0; place > 0; ) {
      const above = (place - 1) >> 1;
      const other = this.#heap[above];
      if (other === undefined || !this.#isBefore(number, other)) return;
      this.#put(other, place);
      this.#put(number, above);
      place = above;
    }
  }

  #sink(number: number): void {
    for (let place = this.#places[number] ?? 0; ; ) {
      const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]];
      if (left === undefined) return;
      const least = right !== undefined && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(least, number)) return;
      const below = this.#places[least] ?? 0;
      this.#put(least, place);
      this.#put(number, below);
      place = below;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [timeA, timeB] = [this.#times[a] ?? 0, this.#times[b] ?? 0];
    return timeA < timeB || (timeA === timeB && (this.#keys[a] ?? 0) < (this.#keys[b] ?? 0));
  }
}
