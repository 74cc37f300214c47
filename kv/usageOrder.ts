/** Things in the order of their last use: to move one to the end takes two links, however many there are. */

/** What stands in the order; its links are the order's business. */
export interface Used<T> {
  before: T | undefined;
  after: T | undefined;
}

export class UsageOrder<T extends Used<T>> {
  /** Unused for longest. */
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  /** Puts a newcomer at the end. */
  add(item: T): void {
    item.before = this.#last;
    item.after = undefined;
    if (this.#last) this.#last.after = item;
    else this.#first = item;
    this.#last = item;
  }

  remove(item: T): void {
    if (item.before) item.before.after = item.after;
    else this.#first = item.after;
    if (item.after) item.after.before = item.before;
    else this.#last = item.before;
  }

  /** It is being used. */
  touch(item: T): void {
    if (item === this.#last) return;
    this.remove(item);
    this.add(item);
  }

  clear(): void {
    this.#first = undefined;
    this.#last = undefined;
  }

  /** From the one that has been unused for longest on. */
  *[Symbol.iterator](): Generator<T, void, void> {
    for (let item = this.#first; item; item = item.after) yield item;
  }
}
