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
      // Sixteen times as much, or all where half of it would come: a fifteenth of the bytes is copied once more, whatever
      // the size of the reads. Not cleared: it is filled before anyone reads it, and takes no memory of the machine's before.
      const enough = Math.max(filled, this.#memory.byteLength * 16);
      const bytes = enough < this.#bytesMax / 2 ? enough : this.#bytesMax;
      const { buffer } = Buffer.allocUnsafeSlow(bytes);
      const larger = new Uint8Array(buffer);
      larger.set(this.bytes);
      this.#memory = larger;
    }
    this.#memory.set(bytes, this.#filled);
    this.#filled = filled;
  }
}
