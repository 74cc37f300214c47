/** A seeded generator of good quality and little state (Blackman and Vigna's xoshiro128**), so that chance is an input. */
import type { Random } from './ports.ts';

export class SeededRandom implements Random {
  #state: Uint32Array;

  constructor(seed: number | string) {
    this.#state = new Uint32Array(4);
    // The seed is spread over the state by splitmix32; a text is folded into a number first (FNV-1a).
    let mixed = typeof seed === 'number' ? seed >>> 0 : foldText(seed);
    for (let i = 0; i < 4; i += 1) {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let word = mixed;
      word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.#state[i] = word ^ (word >>> 15);
    }
  }

  next(): number {
    // 53 bits from two draws, as a double holds.
    return ((this.#word() >>> 5) * 2 ** 26 + (this.#word() >>> 6)) / 2 ** 53;
  }

  image(): readonly number[] {
    return [...this.#state];
  }

  restore(image: readonly number[]): void {
    this.#state = Uint32Array.from(image);
  }

  #word(): number {
    const s = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = s;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = s2 ^ s0;
    s[3] = s3 ^ s1;
    s[1] = s1 ^ (s[2] ?? 0);
    s[0] = s0 ^ (s[3] ?? 0);
    s[2] = (s[2] ?? 0) ^ (s1 << 9);
    s[3] = rotateLeft(s[3] ?? 0, 11);
    return result;
  }
}

function rotateLeft(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function foldText(text: string): number {
  let folded = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) folded = Math.imul(folded ^ text.charCodeAt(i), 0x01000193);
  return folded >>> 0;
}
