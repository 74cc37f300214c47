/** Bytes that arrive in several reads, gathered into memory of their own. */
import { assemblyBytesFirst } from './limits.ts';

export class Assembly {
  #memory: Uint8Array;
  #filled = 0;
  readonly #bytesMax: number;

  /** `bytesMax`: how long it can become. So much is set aside only as bytes arrive. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#memory = new Uint8Array(Math.min(bytesMax, assemblyBytesFirst));
  }

  get length(): number {
    return this.#filled;
  }

  /** A view of what has been gathered. */
  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.#filled);
  }

  /** Copies `bytes` behind what is there; there is room for them below `bytesMax`. */
  append(bytes: Uint8Array): void {
    const filled = this.#filled + bytes.byteLength;
    if (filled > this.#memory.byteLength) {
      // Doubling copies every byte about once more, whatever the size of the reads.
      const larger = new Uint8Array(Math.min(this.#bytesMax, Math.max(filled, this.#memory.byteLength * 2)));
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#filled);
    this.#filled = filled;
  }
}
