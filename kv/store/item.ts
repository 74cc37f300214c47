/**
 * A key and what it holds, at one moment: looks at a record, which is never changed but for its links. Whoever has the
 * item keeps the record's page in memory, also when the key has been overwritten and the record moved: for a moment only.
 */
import { Double, type RecordPage, Word } from './recordPage.ts';

export class Item {
  readonly #page: RecordPage;
  readonly #offset: number;

  constructor(page: RecordPage, offset: number) {
    this.#page = page;
    this.#offset = offset;
  }

  /** One character to a byte. */
  get key(): string {
    const start = this.#page.keyStart(this.#offset);
    return this.#page.bytes.toString('latin1', start, start + this.keyBytes);
  }

  /** A view, not to be changed; to be copied by whoever keeps it. */
  get value(): Uint8Array {
    return this.#page.value(this.#offset);
  }

  get keyBytes(): number {
    return this.#page.keyBytes(this.#offset);
  }

  get valueBytes(): number {
    return this.#page.word(this.#offset, Word.valueBytes);
  }

  /** The log index of the entry that changed the key last. */
  get version(): number {
    return this.#page.double(this.#offset, Double.version);
  }

  get hasDeadline(): boolean {
    return this.#page.hasDeadline(this.#offset);
  }

  /** ms of log time; undefined: it stays until it is deleted. */
  get deadline(): number | undefined {
    return this.hasDeadline ? this.#page.double(this.#offset, Double.deadline) : undefined;
  }

  /** The number of its deadline among the deadlines; 0: it has none. */
  get due(): number {
    return this.hasDeadline ? this.#page.word(this.#offset, Word.due) : 0;
  }

  /** Writes key and value, one behind the other, at `offset`, where there is room for them. */
  write(target: Uint8Array, offset: number): void {
    this.writeKey(target, offset);
    this.#page.copyValue(this.#offset, target, offset + this.keyBytes);
  }

  /** Writes the key at `offset`, where there is room for it. */
  writeKey(target: Uint8Array, offset: number): void {
    const start = this.#page.keyStart(this.#offset);
    this.#page.bytes.copy(target, offset, start, start + this.keyBytes);
  }
}
