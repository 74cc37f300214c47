/**
 * A hash of 64 bits over a stream of numbers, texts and bytes, in plain 32-bit arithmetic, so that it is the same and as
 * fast wherever JavaScript runs. One lane is MurmurHash3 (Austin Appleby, public domain; the 32-bit variant, seed 0),
 * the other mixes as xxHash32 does (Yann Collet, BSD 2-Clause), on one accumulator. Not for adversaries.
 */
const scratch = new DataView(new ArrayBuffer(8));

export class StreamHash {
  #murmur = 0;
  #xx = 0;
  /** The number of 32-bit words taken. */
  #words = 0;

  /** Takes a number as the 64 bits of its double. */
  number(value: number): this {
    scratch.setFloat64(0, value, true);
    this.#word(scratch.getInt32(0, true));
    this.#word(scratch.getInt32(4, true));
    return this;
  }

  /** Takes a text with its length, so that "ab", "c" and "a", "bc" differ. */
  text(value: string): this {
    this.#word(value.length);
    for (let i = 0; i < value.length; i += 2) {
      // Two UTF-16 units in a word; beyond the end charCodeAt is NaN, which counts as 0.
      this.#word(value.charCodeAt(i) | (value.charCodeAt(i + 1) << 16));
    }
    return this;
  }

  /** Takes bytes with their length. */
  bytes(value: Uint8Array): this {
    const { byteLength } = value;
    this.#word(byteLength);
    const view = new DataView(value.buffer, value.byteOffset, byteLength);
    const whole = byteLength - (byteLength % 4);
    for (let i = 0; i < whole; i += 4) this.#word(view.getInt32(i, true));
    if (whole === byteLength) return this;
    let rest = 0;
    for (let i = byteLength - 1; i >= whole; i -= 1) rest = (rest << 8) | view.getUint8(i);
    this.#word(rest);
    return this;
  }

  /** 16 hexadecimal digits; more may follow. */
  digest(): string {
    return hex(finishMurmur(this.#murmur ^ (this.#words * 4))) + hex(finishXx(this.#xx + this.#words * 4));
  }

  image(): readonly number[] {
    return [this.#murmur, this.#xx, this.#words];
  }

  restore(image: readonly number[]): void {
    [this.#murmur = 0, this.#xx = 0, this.#words = 0] = image;
  }

  #word(word: number): void {
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    const h = this.#murmur ^ k;
    this.#murmur = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
    const x = (this.#xx + Math.imul(word, 0x85ebca77)) | 0;
    this.#xx = Math.imul((x << 13) | (x >>> 19), 0x9e3779b1);
    this.#words += 1;
  }
}

function finishMurmur(state: number): number {
  let h = state ^ (state >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function finishXx(state: number): number {
  let h = Math.imul(state ^ (state >>> 15), 0x85ebca77);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d);
  return h ^ (h >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
