/** Some of the numbers from 0 to below a size, linked both ways: each is added, removed and put back in a few writes. */
export class LinkedNumbers {
  /** Number i is entry i + 1; entry 0 is the head, and what the last one points to. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #has: Uint8Array;

  constructor(size: number) {
    this.#next = new Int32Array(size + 1);
    this.#previous = new Int32Array(size + 1);
    this.#has = new Uint8Array(size);
  }

  /** -1 if there is none. */
  get first(): number {
    return (this.#next[0] ?? 0) - 1;
  }

  /** -1 after the last. */
  after(number: number): number {
    return (this.#next[number + 1] ?? 0) - 1;
  }

  has(number: number): boolean {
    return this.#has[number] === 1;
  }

  /** Puts a number in front of all others. */
  add(number: number): void {
    this.#previous[number + 1] = 0;
    this.#next[number + 1] = this.#next[0] ?? 0;
    this.putBack(number);
  }

  remove(number: number): void {
    const after = this.#next[number + 1] ?? 0;
    const before = this.#previous[number + 1] ?? 0;
    this.#next[before] = after;
    this.#previous[after] = before;
    this.#has[number] = 0;
  }

  /** Puts a number where it was; what was removed after it has to be put back before. */
  putBack(number: number): void {
    const entry = number + 1;
    this.#next[this.#previous[entry] ?? 0] = entry;
    this.#previous[this.#next[entry] ?? 0] = entry;
    this.#has[number] = 1;
  }
}
