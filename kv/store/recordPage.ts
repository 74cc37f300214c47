/**
 * A stretch of memory with records one behind the other, and where a record has what. It lies outside the JavaScript heap:
 * the garbage collector has nothing to walk through, however many keys there are.
 *
 * A record begins at a multiple of 8 bytes with u32 the next record of its chain, u32 hash of the key, u32 key length with
 * the highest bit set if the key has a deadline, u32 value length, f64 log index of the last change; then f64 deadline and
 * u32 the deadline's number, if there is one; then key and value.
 */

/** A record's u32 fields, counted in words from its beginning. */
export const Word = { next: 0, hash: 1, keyBytes: 2, valueBytes: 3, due: 8 } as const;
/** Its f64 fields, counted in doubles. */
export const Double = { version: 2, deadline: 3 } as const;

const headerBytes = 24;
const deadlineBytes = 12;
const hasDeadline = 0x80000000;

/** What a record is made of. */
export interface RecordFields {
  /** The log index of the entry that changed the key last. */
  readonly version: number;
  /** ms of log time; undefined: it stays until it is deleted. */
  readonly deadline: number | undefined;
  /** The number of the deadline among the deadlines; 0: it has none. */
  readonly due: number;
}

export class RecordPage {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  /** Where the next record begins. */
  filled = 0;
  /** Bytes of the records that are still there. */
  live = 0;
  /** Bytes of the page, with the value that stands elsewhere. */
  readonly size: number;
  /** The value of the page's only record, where it was left in the memory that it came in. */
  readonly farValue: Uint8Array | undefined;

  /** `size`: bytes, a multiple of 8. With a far value: those of the record without it. */
  constructor(size: number, farValue?: Uint8Array) {
    this.farValue = farValue;
    this.size = farValue ? roundedUp(size + farValue.byteLength) : size;
    // Not zeroed: a record is written before it is read.
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.words = new Uint32Array(this.bytes.buffer);
    this.doubles = new Float64Array(this.bytes.buffer);
  }

  /** A u32 of the record that begins at `offset`. */
  word(offset: number, word: number): number {
    return this.words[(offset >>> 2) + word] ?? 0;
  }

  double(offset: number, double: number): number {
    return this.doubles[(offset >>> 3) + double] ?? 0;
  }

  keyBytes(offset: number): number {
    return this.word(offset, Word.keyBytes) & ~hasDeadline;
  }

  hasDeadline(offset: number): boolean {
    return this.word(offset, Word.keyBytes) >= hasDeadline;
  }

  /** Where the key begins. */
  keyStart(offset: number): number {
    return offset + headerBytes + (this.hasDeadline(offset) ? deadlineBytes : 0);
  }

  /** A view, not to be changed. */
  value(offset: number): Uint8Array {
    if (this.farValue) return this.farValue;
    const start = this.keyStart(offset) + this.keyBytes(offset);
    return this.bytes.subarray(start, start + this.word(offset, Word.valueBytes));
  }

  /** Writes the value at `at`, where there is room for it. */
  copyValue(offset: number, target: Uint8Array, at: number): void {
    const start = this.keyStart(offset) + this.keyBytes(offset);
    if (this.farValue) target.set(this.farValue, at);
    else this.bytes.copy(target, at, start, start + this.word(offset, Word.valueBytes));
  }

  /** Of the whole record, to where the next one begins. */
  recordBytes(offset: number): number {
    if (this.farValue) return this.size;
    const end = this.keyStart(offset) + this.keyBytes(offset) + this.word(offset, Word.valueBytes);
    return roundedUp(end - offset);
  }

  /** Whether the record at `offset` is of this key. */
  isOf(offset: number, key: string, hash: number): boolean {
    if (this.word(offset, Word.hash) !== hash || this.keyBytes(offset) !== key.length) return false;
    const { bytes } = this;
    const start = this.keyStart(offset);
    for (let at = 0; at < key.length; at += 1) if (bytes[start + at] !== key.charCodeAt(at)) return false;
    return true;
  }

  /** Writes a record, which is in no chain yet. */
  write(offset: number, key: string, hash: number, value: Uint8Array, fields: RecordFields): void {
    const { words, doubles, bytes } = this;
    const { version, deadline, due } = fields;
    const word = offset >>> 2;
    words[word + Word.next] = 0;
    words[word + Word.hash] = hash;
    words[word + Word.keyBytes] = deadline === undefined ? key.length : key.length | hasDeadline;
    words[word + Word.valueBytes] = value.byteLength;
    doubles[(offset >>> 3) + Double.version] = version;
    if (deadline !== undefined) {
      doubles[(offset >>> 3) + Double.deadline] = deadline;
      words[word + Word.due] = due;
    }
    const start = this.keyStart(offset);
    for (let at = 0; at < key.length; at += 1) bytes[start + at] = key.charCodeAt(at);
    if (!this.farValue) bytes.set(value, start + key.length);
  }
}

/** What a record takes, to where the next one begins. */
export function recordSize(keyBytes: number, valueBytes: number, expires: boolean): number {
  return roundedUp(headerBytes + (expires ? deadlineBytes : 0) + keyBytes + valueBytes);
}

function roundedUp(bytes: number): number {
  return (bytes + 7) & ~7;
}
