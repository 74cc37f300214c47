/**
 * The keys in the order of a hash of their names, the same on every replica: SCAN goes along it with a plain number that
 * means the same place everywhere and for good. Keys stand in a fixed number of buckets; a key never changes its bucket, so
 * one that is there all the time is met, whatever comes and goes beside it.
 */

/** Sixteen keys to a bucket where there are a million. An empty bucket costs a slot, and no time worth naming. */
const buckets = 65_536;

export class KeyOrder {
  #buckets: (Set<string> | undefined)[] = new Array(buckets);

  add(key: string): void {
    const place = bucketOf(key);
    const bucket = this.#buckets[place];
    if (bucket) bucket.add(key);
    else this.#buckets[place] = new Set([key]);
  }

  delete(key: string): void {
    const place = bucketOf(key);
    const bucket = this.#buckets[place];
    bucket?.delete(key);
    if (bucket?.size === 0) this.#buckets[place] = undefined;
  }

  clear(): void {
    this.#buckets = new Array(buckets);
  }

  /** The first bucket at or behind `place` that holds keys, and these in the order of their names; undefined: none does. */
  from(place: number): { readonly place: number; readonly keys: readonly string[] } | undefined {
    for (let at = place; at < buckets; at += 1) {
      const bucket = this.#buckets[at];
      // Sorted: replicas may have been told of them in another order.
      if (bucket) return { place: at, keys: [...bucket].sort() };
    }
    return undefined;
  }

  /** The bucket at `part` of the way, from 0 to 1. */
  placeAt(part: number): number {
    return Math.min(Math.floor(part * buckets), buckets - 1);
  }
}

/** FNV-1a, its bits mixed once more: similar names are to stand far apart. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (buckets - 1);
}
