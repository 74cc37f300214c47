/**
 * Which operations have taken effect: a set of bits whose hash is kept up to date with each change. Those that returned
 * take effect nearly in the order of their calls, so the words before `low` are full and those from `high` on are empty:
 * what tells two sets apart is the few words between.
 */

/** A well mixed number for each operation; the hash of a set is the exclusive or of its members'. */
function mixed(operation: number): number {
  let word = Math.imul(operation + 1, 0x9e3779b9);
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}

export class OperationSet {
  /** Operations that returned, by number. */
  readonly words: Int32Array;
  /** Operations that never did, by their number less `returned`. */
  readonly openWords: Int32Array;
  /** Of the operations that returned. */
  hash = 0;
  low = 0;
  high = 0;
  readonly #returned: number;
  readonly #mixed: Int32Array;

  constructor(returned: number, open: number) {
    this.#returned = returned;
    this.words = new Int32Array((returned + 31) >>> 5);
    this.openWords = new Int32Array((open + 31) >>> 5);
    this.#mixed = Int32Array.from({ length: returned }, (_, operation) => mixed(operation));
  }

  add(operation: number): void {
    if (operation >= this.#returned) {
      this.#flipOpen(operation - this.#returned);
      return;
    }
    const { words } = this;
    const word = operation >>> 5;
    words[word] = (words[word] ?? 0) | (1 << (operation & 31));
    this.hash ^= this.#mixed[operation] ?? 0;
    if (word >= this.high) this.high = word + 1;
    while (words[this.low] === -1) this.low += 1;
  }

  delete(operation: number): void {
    if (operation >= this.#returned) {
      this.#flipOpen(operation - this.#returned);
      return;
    }
    const { words } = this;
    const word = operation >>> 5;
    words[word] = (words[word] ?? 0) & ~(1 << (operation & 31));
    this.hash ^= this.#mixed[operation] ?? 0;
    if (word < this.low) this.low = word;
    while (this.high > 0 && words[this.high - 1] === 0) this.high -= 1;
  }

  #flipOpen(bit: number): void {
    this.openWords[bit >>> 5] = (this.openWords[bit >>> 5] ?? 0) ^ (1 << (bit & 31));
  }
}
