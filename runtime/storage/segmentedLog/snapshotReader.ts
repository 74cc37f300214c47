/** The durable snapshot, readable at any offset by any number of readers until a newer one replaces it. */
import type { SnapshotId, StoredSnapshot } from '../../../machines/ports.ts';
import type { DiskFile } from './diskFile.ts';
import { CorruptSnapshot, StorageMisused } from './errors.ts';

export class SnapshotReader implements StoredSnapshot {
  readonly index: number;
  readonly term: number;
  readonly size: number;
  readonly #file: DiskFile;
  readonly #payloadOffset: number;
  #readsUnderWay = 0;
  #retired: Error | undefined;
  #onIdle: (() => void) | undefined;

  /** @param size bytes of the payload */
  constructor(file: DiskFile, { index, term }: SnapshotId, size: number, payloadOffset: number) {
    this.#file = file;
    this.#payloadOffset = payloadOffset;
    this.index = index;
    this.term = term;
    this.size = size;
  }

  /** @throws SnapshotReplaced, StorageClosed, CorruptSnapshot, StorageFailed */
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
      if (this.#readsUnderWay === 0) this.#onIdle?.();
    }
  }

  /** Lets the reads under way finish, and refuses others with `reason`; settles when the file is closed. */
  async retire(reason: Error): Promise<void> {
    this.#retired = reason;
    if (this.#readsUnderWay > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await this.#file.close();
  }
}
