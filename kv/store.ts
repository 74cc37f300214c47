/**
 * The data: keys of any bytes and what they hold. A view of the moment can be read at leisure while writes go on: from then on
 * they go to a second layer, which is folded in when the view is closed.
 */
import { asBuffer } from './wire.ts';

type Layer<V> = Map<string, V | null>;

export class Store<V extends object> {
  #base: Layer<V> = new Map();
  /** While a view is open: what changed since; null stands for a deletion. */
  #changes: Layer<V> | undefined;
  #size = 0;

  /** The number of keys. */
  get size(): number {
    return this.#size;
  }

  get(key: string): V | undefined {
    const changed = this.#changes?.get(key);
    if (changed !== undefined) return changed ?? undefined;
    return this.#base.get(key) ?? undefined;
  }

  set(key: string, value: V): void {
    if (this.get(key) === undefined) this.#size += 1;
    (this.#changes ?? this.#base).set(key, value);
  }

  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    this.#size -= 1;
    if (this.#changes) this.#changes.set(key, null);
    else this.#base.delete(key);
    return true;
  }

  /** The keys there are. Meanwhile keys may come and go, and those that stay are still given, once. */
  *keys(): Generator<string, void, void> {
    const base = this.#base;
    const changes = this.#changes;
    for (const key of base.keys()) if (this.get(key) !== undefined) yield key;
    if (!changes) return;
    for (const key of changes.keys()) if (!base.has(key) && this.get(key) !== undefined) yield key;
  }

  clear(): void {
    this.#base = new Map();
    this.#changes = undefined;
    this.#size = 0;
  }

  /** The entries of this moment. One view at a time; `close` ends it. */
  openView(): { entries: IterableIterator<[string, V | null]>; close: () => void } {
    if (this.#changes) throw new Error('A view of the store is open already: close it first.');
    const base = this.#base;
    this.#changes = new Map();
    return { entries: base.entries(), close: () => this.#fold(base) };
  }

  #fold(base: Layer<V>): void {
    // A snapshot that was installed meanwhile has replaced both layers.
    if (this.#base !== base || !this.#changes) return;
    for (const [key, value] of this.#changes) {
      if (value === null) base.delete(key);
      else base.set(key, value);
    }
    this.#changes = undefined;
  }
}

/** A key's bytes as a string of the same length, one character to a byte. */
export function keyOf(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}
