/** A durable snapshot in the hands of one holder. */
import type { StoredSnapshot } from '../../../machines/ports.ts';
import { StorageMisused } from './errors.ts';

/** What is held, and may have other holders. */
type Shared = Omit<StoredSnapshot, 'release'>;

export class HeldSnapshot implements StoredSnapshot {
  readonly index: number;
  readonly term: number;
  readonly size: number;
  readonly #reader: Shared;
  readonly #onReleased: () => void;
  #isReleased = false;

  constructor(reader: Shared, onReleased: () => void) {
    this.index = reader.index;
    this.term = reader.term;
    this.size = reader.size;
    this.#reader = reader;
    this.#onReleased = onReleased;
  }

  /** @throws StorageMisused once it is released, and what the reader throws */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#isReleased) {
      throw new StorageMisused(
        `The snapshot of index ${this.index} is released: ask the storage for one again.`,
      );
    }
    return this.#reader.read(offset, length);
  }

  /** A second time does nothing: it must not let go of what another one holds. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onReleased();
  }
}
