/** What a key holds. Never changed, only replaced: a view of an earlier moment may still show it. */
import type { Due } from './deadlines.ts';
import { asBuffer } from './wire.ts';

/** Shorter values are kept as strings, a character to a byte: an array of its own costs some 300 bytes besides its own. */
const heldAsStringMax = 4096;

export class Item {
  readonly #held: string | Uint8Array;
  /** The log index of the entry that changed the key last. */
  readonly version: number;
  /** Undefined: it stays until it is deleted. */
  readonly due: Due<string> | undefined;

  private constructor(held: string | Uint8Array, version: number, due: Due<string> | undefined) {
    this.#held = held;
    this.version = version;
    this.due = due;
  }

  /** Copies the value: it outlives its entry, whose memory goes with the log. */
  static of(value: Uint8Array, version: number, due: Due<string> | undefined): Item {
    const isShort = value.byteLength <= heldAsStringMax;
    return new Item(isShort ? asBuffer(value).toString('latin1') : Uint8Array.from(value), version, due);
  }

  /** The same value with another version and deadline. */
  with(version: number, due: Due<string> | undefined): Item {
    return new Item(this.#held, version, due);
  }

  /** Not to be changed. */
  get value(): Uint8Array {
    return typeof this.#held === 'string' ? Buffer.from(this.#held, 'latin1') : this.#held;
  }

  /** Of the value. */
  get byteLength(): number {
    return this.#held.length;
  }

  /** Writes the value at `offset`, where there is room for it. */
  write(target: Buffer, offset: number): void {
    if (typeof this.#held === 'string') target.write(this.#held, offset, 'latin1');
    else target.set(this.#held, offset);
  }
}
