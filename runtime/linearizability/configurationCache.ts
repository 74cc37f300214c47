/**
 * The configurations that a search has been in, a configuration being which operations have taken effect, and the state
 * (Lowe 2017, section 4). What led nowhere once need not be tried again. Nor need a configuration in which more of the
 * operations that never returned have taken effect, and all else is the same: they may still do so, or never.
 */
import type { OperationSet } from './operationSet.ts';

/** hash, state, low, number of words between low and high; the words follow, then those of the open operations. */
const headerWords = 4;

export class ConfigurationCache {
  /** Places in the arena, plus 1; 0 is free. Linear probing, at most half full. */
  #slots = new Int32Array(64);
  #arena = new Int32Array(1024);
  #arenaEnd = 0;
  #count = 0;

  get bytes(): number {
    return 4 * (this.#slots.length + this.#arena.length);
  }

  /** Whether the configuration is new; it is kept then. */
  add(set: OperationSet, state: number): boolean {
    const { words, openWords, low } = set;
    const count = Math.max(0, set.high - low);
    const hash = set.hash ^ Math.imul(state + 1, 0x85ebca6b);
    const arena = this.#arena;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (let at = slots[slot] ?? 0; at !== 0; at = slots[slot] ?? 0) {
      if (this.#covers(arena, at - 1, hash, state, low, count, words, openWords)) return false;
      slot = (slot + 1) & mask;
    }
    slots[slot] = this.#arenaEnd + 1;
    this.#keep(hash, state, low, count, words, openWords);
    this.#count += 1;
    if (this.#count * 2 > slots.length) this.#growSlots();
    return true;
  }

  #covers(
    arena: Int32Array,
    at: number,
    hash: number,
    state: number,
    low: number,
    count: number,
    words: Int32Array,
    openWords: Int32Array,
  ): boolean {
    if (arena[at] !== hash || arena[at + 1] !== state || arena[at + 2] !== low || arena[at + 3] !== count) {
      return false;
    }
    const from = at + headerWords;
    for (let i = 0; i < count; i += 1) if (arena[from + i] !== words[low + i]) return false;
    for (let i = 0; i < openWords.length; i += 1) {
      if (((arena[from + count + i] ?? 0) & ~(openWords[i] ?? 0)) !== 0) return false;
    }
    return true;
  }

  #keep(
    hash: number,
    state: number,
    low: number,
    count: number,
    words: Int32Array,
    openWords: Int32Array,
  ): void {
    const end = this.#arenaEnd + headerWords + count + openWords.length;
    if (end > this.#arena.length) {
      const larger = new Int32Array(Math.max(end, this.#arena.length * 2));
      larger.set(this.#arena);
      this.#arena = larger;
    }
    const arena = this.#arena;
    let at = this.#arenaEnd;
    arena[at] = hash;
    arena[at + 1] = state;
    arena[at + 2] = low;
    arena[at + 3] = count;
    at += headerWords;
    for (let i = 0; i < count; i += 1) arena[at + i] = words[low + i] ?? 0;
    arena.set(openWords, at + count);
    this.#arenaEnd = end;
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (const at of old) {
      if (at === 0) continue;
      const hash = this.#arena[at - 1] ?? 0;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = at;
    }
    this.#slots = slots;
  }
}
