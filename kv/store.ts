/**
 * The data: keys of any bytes and what they hold, in the order of a hash of the keys' names, the same on every replica.
 *
 * Keys stand in a fixed number of buckets and never change theirs. So SCAN goes along them with a plain number that means
 * the same place everywhere and for good, and meets every key that is there all the time, whatever comes and goes beside
 * it. A bucket is small: none of them ever makes the event loop wait while it grows, as one map of a million keys does.
 *
 * A view of the moment is read at leisure while writes go on: the first write to a bucket that has not been read yet
 * leaves a copy of it to the view.
 */
import { asBuffer } from './wire.ts';

/** Sixteen keys to a bucket where there are a million. An empty bucket costs a slot, and no time worth naming. */
const bucketCount = 65_536;

type Bucket<V> = Map<string, V>;
type Entries<V> = readonly (readonly [string, V])[];

/** The data of one moment. */
export interface StoreView<V> {
  /** The keys there were and what they held, bucket by bucket; to be taken once. */
  readonly entries: Iterable<readonly [string, V]>;
  close(): void;
}

export class Store<V extends object> {
  #buckets: (Bucket<V> | undefined)[] = new Array(bucketCount);
  #size = 0;
  #view: Reading<V> | undefined;

  /** The number of keys. */
  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  set(key: string, value: V): void {
    const place = bucketOf(key);
    this.#view?.keep(place);
    const bucket = this.#buckets[place];
    if (!bucket) {
      this.#buckets[place] = new Map([[key, value]]);
      this.#size += 1;
      return;
    }
    const before = bucket.size;
    bucket.set(key, value);
    this.#size += bucket.size - before;
  }

  delete(key: string): boolean {
    const place = bucketOf(key);
    const bucket = this.#buckets[place];
    if (!bucket?.has(key)) return false;
    this.#view?.keep(place);
    bucket.delete(key);
    if (bucket.size === 0) this.#buckets[place] = undefined;
    this.#size -= 1;
    return true;
  }

  /** The first bucket at or behind `place` that holds keys, and these in the order of their names; undefined: none does. */
  bucketFrom(place: number): { readonly place: number; readonly keys: readonly string[] } | undefined {
    for (let at = place; at < bucketCount; at += 1) {
      const bucket = this.#buckets[at];
      // Sorted: replicas may have been told of them in another order.
      if (bucket) return { place: at, keys: [...bucket.keys()].sort() };
    }
    return undefined;
  }

  /** The bucket at `part` of the way, from 0 to 1. */
  placeAt(part: number): number {
    return Math.min(Math.floor(part * bucketCount), bucketCount - 1);
  }

  clear(): void {
    // A view that is open keeps the buckets of its moment, which nobody changes any more.
    this.#view = undefined;
    this.#buckets = new Array(bucketCount);
    this.#size = 0;
  }

  /** The entries of this moment. One view at a time; `close` ends it. */
  openView(): StoreView<V> {
    if (this.#view) throw new Error('A view of the store is open already: close it first.');
    const view = new Reading(this.#buckets);
    this.#view = view;
    return {
      entries: view.entries(),
      close: () => {
        if (this.#view === view) this.#view = undefined;
      },
    };
  }
}

/** How far a view has been read, and what it needs of what was overwritten since. */
class Reading<V> {
  readonly #buckets: readonly (Bucket<V> | undefined)[];
  /** Of buckets that have not been read yet. */
  readonly #kept = new Map<number, Entries<V>>();
  /** The next bucket to be read. */
  #place = 0;

  constructor(buckets: readonly (Bucket<V> | undefined)[]) {
    this.#buckets = buckets;
  }

  /** To be called before a bucket is changed. */
  keep(place: number): void {
    if (place >= this.#place && !this.#kept.has(place)) this.#kept.set(place, this.#entriesAt(place));
  }

  *entries(): Generator<readonly [string, V], void, void> {
    while (this.#place < bucketCount) {
      const place = this.#place;
      const entries = this.#kept.get(place) ?? this.#entriesAt(place);
      this.#kept.delete(place);
      // From here on the bucket may be changed, also between two of its entries.
      this.#place += 1;
      yield* entries;
    }
  }

  #entriesAt(place: number): Entries<V> {
    return [...(this.#buckets[place] ?? [])];
  }
}

/** A key's bytes as a string of the same length, one character to a byte. */
export function keyOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** FNV-1a, its bits mixed once more: similar names are to stand far apart. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (bucketCount - 1);
}
