/**
 * The data: keys of any bytes and what they hold, in the order of a hash of the keys' names, the same on every replica.
 *
 * A key stands at one of 65,536 places and never changes it. So SCAN goes along them with a plain number that means the
 * same everywhere and for good, and meets every key that is there all the time, whatever comes and goes beside it.
 *
 * A view of the moment is read at leisure while writes go on: the first write to a place that has not been read yet leaves
 * to the view what stands there.
 */
import { asBuffer } from '../wire.ts';
import { Chains, placeCount, placeOf } from './chains.ts';
import type { Item } from './item.ts';
import type { RecordFields } from './recordPage.ts';
import { Records } from './records.ts';

/** The data of one moment. */
export interface StoreView {
  /** The keys there were and what they held, in their order; to be taken once. */
  readonly items: Iterable<Item>;
  close(): void;
}

export class Store {
  #records = new Records((from, to, hash) => this.#chains.move(from, to, hash));
  #chains = new Chains(this.#records);
  #size = 0;
  #view: Reading | undefined;

  /** The number of keys. */
  get size(): number {
    return this.#size;
  }

  /** Bytes that the keys take, with what holes there are between them. */
  get byteLength(): number {
    return this.#records.byteLength;
  }

  get(key: string): Item | undefined {
    const address = this.#chains.find(key, hashOf(key));
    return address === 0 ? undefined : this.#records.item(address);
  }

  /** A long value is kept as it is, and must not change any more; what is shorter is copied. */
  set(key: string, value: Uint8Array, fields: RecordFields): void {
    const hash = hashOf(key);
    this.#view?.keep(placeOf(hash));
    const old = this.#chains.find(key, hash);
    const address = this.#records.add(key, hash, value, fields);
    if (old !== 0) this.#remove(old, hash);
    this.#chains.add(address, hash);
    this.#size += 1;
    this.#records.tidy();
  }

  delete(key: string): boolean {
    const hash = hashOf(key);
    const address = this.#chains.find(key, hash);
    if (address === 0) return false;
    this.#view?.keep(placeOf(hash));
    this.#remove(address, hash);
    this.#records.tidy();
    return true;
  }

  /** The first place at or behind this one that has keys, and these in the order of their names; undefined: none has. */
  bucketFrom(place: number): { readonly place: number; readonly keys: readonly string[] } | undefined {
    const at = this.#chains.placeFrom(place);
    if (at === undefined) return undefined;
    // Sorted: replicas may have been told of them in another order.
    return {
      place: at,
      keys: this.#itemsAt(at)
        .map(({ key }) => key)
        .sort(),
    };
  }

  /** The place at `part` of the way, from 0 to 1. */
  placeAt(part: number): number {
    return Math.min(Math.floor(part * placeCount), placeCount - 1);
  }

  clear(): void {
    // A view that is open goes on with what there was, which nobody changes any more.
    this.#view = undefined;
    this.#records = new Records((from, to, hash) => this.#chains.move(from, to, hash));
    this.#chains = new Chains(this.#records);
    this.#size = 0;
  }

  /** The items of this moment. One view at a time; `close` ends it. */
  openView(): StoreView {
    if (this.#view) throw new Error('A view of the store is open already: close it first.');
    const [chains, records] = [this.#chains, this.#records];
    const view = new Reading(chains, records);
    this.#view = view;
    return {
      items: view.items(),
      close: () => {
        if (this.#view === view) this.#view = undefined;
      },
    };
  }

  #remove(address: number, hash: number): void {
    this.#chains.remove(address, hash);
    this.#records.free(address);
    this.#size -= 1;
  }

  #itemsAt(place: number): Item[] {
    return this.#chains.recordsAt(place).map((address) => this.#records.item(address));
  }
}

/** How far a view has been read, and what it needs of what was overwritten since. */
class Reading {
  readonly #chains: Chains;
  readonly #records: Records;
  /** Of places that have not been read yet. */
  readonly #kept = new Map<number, Item[]>();
  /** The next place to be read. */
  #place = 0;

  constructor(chains: Chains, records: Records) {
    this.#chains = chains;
    this.#records = records;
  }

  /** To be called before something is changed at a place. */
  keep(place: number): void {
    if (place >= this.#place && !this.#kept.has(place)) this.#kept.set(place, this.#itemsAt(place));
  }

  *items(): Generator<Item, void, void> {
    for (let place = this.#next(); place < placeCount; place = this.#next()) {
      const items = this.#kept.get(place) ?? this.#itemsAt(place);
      this.#kept.delete(place);
      // From here on keys may be changed there, also between two of them.
      this.#place = place + 1;
      yield* items;
    }
    this.#place = placeCount;
  }

  /** The next place that has keys, or had. */
  #next(): number {
    const withKeys = this.#chains.placeFrom(this.#place) ?? placeCount;
    if (this.#kept.size === 0) return withKeys;
    for (let place = this.#place; place < withKeys; place += 1) if (this.#kept.has(place)) return place;
    return withKeys;
  }

  #itemsAt(place: number): Item[] {
    return this.#chains.recordsAt(place).map((address) => this.#records.item(address));
  }
}

/** A key's bytes as a string of the same length, one character to a byte. */
export function keyOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** FNV-1a, its bits mixed once more: similar names are to stand far apart. 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
