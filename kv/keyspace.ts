/**
 * The keys with their values and deadlines. A key is gone the moment log time reaches its deadline; its memory is given
 * back as entries are applied, a few keys with each.
 */
import { type Audience, type KeyEvent, nobody } from './audience.ts';
import { Deadlines } from './deadlines.ts';
import type { LogTime } from './logTime.ts';
import type { Item } from './store/item.ts';
import { Store, type StoreView } from './store/store.ts';

export class Keyspace {
  /** The log index of the entry that is being applied. */
  index = 0;
  /** Hears of every change but those of FLUSHALL, which Redis does not tell of either. */
  audience: Audience = nobody;
  readonly #time: LogTime;
  readonly #store = new Store();
  readonly #deadlines = new Deadlines<string>();

  constructor(time: LogTime) {
    this.#time = time;
  }

  /** The number of keys, those included whose deadline has passed and whose memory is not given back yet. */
  get size(): number {
    return this.#store.size;
  }

  /** The number of keys that have a deadline. */
  get deadlines(): number {
    return this.#deadlines.size;
  }

  /** The first deadline of a key, ms of log time; Infinity: no key has one. */
  get nextDeadline(): number {
    return this.#deadlines.first;
  }

  /**
   * The names of the keys, one character to a byte, in the order that is the same on every replica, from a place in it on.
   * Meanwhile keys may come and go, and those that stay are still given, once.
   */
  *inOrder(place: number): Generator<string, void, void> {
    for (let bucket = this.bucketFrom(place); bucket; bucket = this.bucketFrom(bucket.place + 1)) {
      for (const key of bucket.keys) if (this.get(key)) yield key;
    }
  }

  /** The first bucket of that order at or behind a place; those keys included whose deadline has passed. */
  bucketFrom(place: number): ReturnType<Store['bucketFrom']> {
    return this.#store.bucketFrom(place);
  }

  /** The place at `part` of that order, from 0 to 1. */
  placeAt(part: number): number {
    return this.#store.placeAt(part);
  }

  get(key: string): Item | undefined {
    const item = this.#store.get(key);
    return item && isOver(item, this.#time.now) ? undefined : item;
  }

  /** The log index of the key's last change; 0: there is no such key. */
  versionOf(key: string): number {
    return this.get(key)?.version ?? 0;
  }

  /** The key's deadline is over at `time`, and log time has not reached it: nobody may say yet that the key is gone. */
  isOverdue(key: string, time: number): boolean {
    const item = this.get(key);
    return item !== undefined && isOver(item, time);
  }

  /** The same of some key, no one knows which; true also while memory is still to be given back. */
  mayBeOverdue(time: number): boolean {
    return time > this.#time.now && this.nextDeadline <= time;
  }

  /** A long value is kept as it is, and must not change any more; what is shorter is copied. A key without a deadline stays until it is deleted. */
  set(key: string, value: Uint8Array, deadline?: number, version = this.index): void {
    // Where nobody listens and nothing expires, as most often, what was there before makes no difference.
    const old = this.audience.keyChanged || this.#deadlines.size > 0 ? this.#store.get(key) : undefined;
    if (this.audience.keyChanged && !this.get(key)) this.#tellOfNew(key, old);
    this.#store.set(key, value, { version, deadline, due: this.#dueOf(key, old, deadline) });
  }

  /** Sets what a command sets, and tells of it. */
  put(event: KeyEvent, key: string, value: Uint8Array, deadline?: number): void {
    this.set(key, value, deadline);
    this.audience.keyChanged?.(event, key);
  }

  /** Whether there was such a key. */
  delete(key: string): boolean {
    const wasThere = this.get(key) !== undefined;
    const item = this.#store.get(key);
    this.#forget(key, item);
    if (item && !wasThere) this.audience.keyChanged?.('expired', key);
    return wasThere;
  }

  /** Deletes what a command deletes, and tells of it. */
  remove(key: string): boolean {
    const wasThere = this.delete(key);
    if (wasThere) this.audience.keyChanged?.('del', key);
    return wasThere;
  }

  /** Gives back the memory of at most `max` keys that are gone. */
  removeExpired(max: number): void {
    for (let removed = 0; removed < max; removed += 1) {
      const key = this.#deadlines.firstKey;
      if (key === undefined || this.#deadlines.first > this.#time.now) return;
      this.#forget(key, this.#store.get(key));
      this.audience.keyChanged?.('expired', key);
    }
  }

  /** The keys of this moment, for a snapshot. One view at a time; `close` ends it. */
  openView(): StoreView {
    return this.#store.openView();
  }

  clear(): void {
    this.#store.clear();
    this.#deadlines.clear();
  }

  /** `old`: what is left of a key whose deadline has passed. */
  #tellOfNew(key: string, old: Item | undefined): void {
    if (old) this.audience.keyChanged?.('expired', key);
    this.audience.keyChanged?.('new', key);
  }

  /** Moves the key to another place among the deadlines, if it is to have another one than the `old`. */
  #dueOf(key: string, old: Item | undefined, deadline: number | undefined): number {
    if (old && old.deadline === deadline) return old.due;
    if (old && old.due > 0) this.#deadlines.remove(old.due);
    return deadline === undefined ? 0 : this.#deadlines.add(key, deadline);
  }

  #forget(key: string, item: Item | undefined): void {
    if (!item) return;
    if (item.due > 0) this.#deadlines.remove(item.due);
    this.#store.delete(key);
  }
}

function isOver({ deadline }: Item, time: number): boolean {
  return deadline !== undefined && deadline <= time;
}
