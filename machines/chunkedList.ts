/**
 * A list that grows at its end and is dropped from its beginning, in chunks: neither ever moves all of a million items, as
 * an array does when it grows or is sliced.
 */
const chunkBits = 12;
const chunkItems = 2 ** chunkBits;

export class ChunkedList<T> {
  #chunks: (T | undefined)[][] = [];
  /** Items of the first chunk that were dropped. */
  #dropped = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Undefined where there is none. */
  at(place: number): T | undefined {
    if (place < 0 || place >= this.#length) return undefined;
    const at = place + this.#dropped;
    return this.#chunks[at >>> chunkBits]?.[at & (chunkItems - 1)];
  }

  push(item: T): void {
    const at = this.#length + this.#dropped;
    const chunk = this.#chunks[at >>> chunkBits];
    if (chunk) chunk.push(item);
    else this.#chunks.push([item]);
    this.#length += 1;
  }

  /** Drops all but the first `length` items. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    const end = length + this.#dropped;
    this.#chunks.length = Math.ceil(end / chunkItems);
    const last = this.#chunks.at(-1);
    if (last) last.length = end - (this.#chunks.length - 1) * chunkItems;
    this.#length = length;
  }

  /** Drops the first `count` items. */
  dropFirst(count: number): void {
    const begin = Math.min(count, this.#length) + this.#dropped;
    this.#length -= begin - this.#dropped;
    this.#chunks.splice(0, begin >>> chunkBits);
    this.#dropped = begin & (chunkItems - 1);
    // What was dropped is not to be kept alive by what is left of its chunk.
    this.#chunks[0]?.fill(undefined, 0, this.#dropped);
  }
}
