/**
 * The file of a durable snapshot, open as long as it is the newest one or somebody holds it. Its holders read on when a
 * newer one has taken its name away.
 */
import type { SnapshotId, StoredSnapshot } from '../../../machines/ports.ts';
import type { DiskFile } from './diskFile.ts';
import { CorruptSnapshot, StorageMisused } from './errors.ts';
import { HeldSnapshot } from './heldSnapshot.ts';

export class SnapshotReader implements SnapshotId {
  readonly index: number;
  readonly term: number;
  readonly size: number;
  readonly #file: DiskFile;
  readonly #payloadOffset: number;
  #holders = 0;
  #readsUnderWay = 0;
  #retired: Error | undefined;
  #onFree: (() => void) | undefined;
  #closed: Promise<void> | undefined;

  /** @param size bytes of the payload */
  constructor(file: DiskFile, { index, term }: SnapshotId, size: number, payloadOffset: number) {
    this.#file = file;
    this.#payloadOffset = payloadOffset;
    this.index = index;
    this.term = term;
    this.size = size;
  }

  /** For one holder, who releases it. */
  hold(): StoredSnapshot {
    this.#holders += 1;
    return new HeldSnapshot(this, () => {
      this.#holders -= 1;
      this.#tellIfFree();
    });
  }

  /** @throws StorageClosed, CorruptSnapshot, StorageFailed, StorageMisused */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw new StorageMisused(`A snapshot has no ${length} bytes at offset ${offset}.`);
    }
    if (this.#retired) throw this.#retired;
    this.#readsUnderWay += 1;
    try {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
      const filled = await this.#file.read(bytes, this.#payloadOffset + offset);
      if (filled < bytes.byteLength) throw new CorruptSnapshot(this.#file.path, 'it became shorter');
      return bytes;
    } finally {
      this.#readsUnderWay -= 1;
      this.#tellIfFree();
    }
  }

  /** Closes the file once nobody holds it, and settles then. Nobody takes hold of it any more. */
  closeWhenFree(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Closes the file though it be held: lets the reads under way finish, and refuses others with `reason`. */
  retire(reason: Error): Promise<void> {
    this.#retired = reason;
    this.#tellIfFree();
    return this.closeWhenFree();
  }

  get #isFree(): boolean {
    return this.#readsUnderWay === 0 && (this.#holders === 0 || this.#retired !== undefined);
  }

  #tellIfFree(): void {
    if (this.#isFree) this.#onFree?.();
  }

  async #close(): Promise<void> {
    if (!this.#isFree) {
      await new Promise<void>((resolve) => {
        this.#onFree = resolve;
      });
    }
    await this.#file.close();
  }
}
