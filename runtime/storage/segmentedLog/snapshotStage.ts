/** A snapshot on its way in, in a file that becomes the snapshot by its name once all of it is durable. */
import { crc32 } from 'node:zlib';
import type { SnapshotId, StagedSnapshot } from '../../../machines/ports.ts';
import type { Background } from './background.ts';
import type { DiskFile } from './diskFile.ts';
import type { DiskFolder } from './diskFolder.ts';
import { StorageMisused } from './errors.ts';
import { snapshotName, stagedSnapshotName } from './fileNames.ts';
import { encodeSnapshotHeader, encodeSnapshotTrailer, payloadOffset } from './snapshotFile.ts';
import { SnapshotReader } from './snapshotReader.ts';
import { snapshotSyncBytes } from './storageLimits.ts';

export class SnapshotStage implements StagedSnapshot {
  readonly index: number;
  readonly term: number;
  readonly #folder: DiskFolder;
  readonly #group: number;
  readonly #name: string;
  readonly #background: Background;
  readonly #onDiscarded: () => void;
  #size = 0;
  #crc = 0;
  /** Bytes since the last sync. */
  #unsynced = 0;
  #file: DiskFile | undefined;
  #state: 'open' | 'sealed' | 'discarded' = 'open';
  /** The work on the file that is under way; never fails. */
  #work: Promise<void> | undefined;

  /** @param attempt tells this stage from others of the same index */
  constructor(
    folder: DiskFolder,
    id: SnapshotId,
    group: number,
    attempt: number,
    background: Background,
    onDiscarded: () => void,
  ) {
    this.index = id.index;
    this.term = id.term;
    this.#folder = folder;
    this.#group = group;
    this.#name = stagedSnapshotName(id, attempt);
    this.#background = background;
    this.#onDiscarded = onDiscarded;
  }

  get size(): number {
    return this.#size;
  }

  /** @throws StorageFailed, StorageClosed, StorageMisused */
  add(chunk: Uint8Array): Promise<void> {
    return this.#exclusively(async () => {
      const file = await this.#opened();
      // Nothing to write; and the checksum must not see it: zlib begins anew where it is given a null pointer.
      if (chunk.byteLength === 0) return;
      await file.write(chunk, payloadOffset + this.#size);
      this.#crc = crc32(chunk, this.#crc);
      this.#size += chunk.byteLength;
      this.#unsynced += chunk.byteLength;
      if (this.#unsynced < snapshotSyncBytes) return;
      await file.sync();
      this.#unsynced = 0;
    });
  }

  discard(): void {
    if (this.#state !== 'open') return;
    this.#state = 'discarded';
    this.#onDiscarded();
  }

  /** Makes the file durable under its final name. */
  seal(): Promise<SnapshotReader> {
    return this.#exclusively(async () => {
      this.#state = 'sealed';
      const file = await this.#opened();
      await file.write(encodeSnapshotTrailer(this.#size, this.#crc), payloadOffset + this.#size);
      await file.sync();
      await this.#folder.rename(this.#name, snapshotName(this));
      file.path = this.#folder.pathOf(snapshotName(this));
      await this.#folder.sync();
      this.#file = undefined;
      return new SnapshotReader(file, this, this.#size, payloadOffset);
    });
  }

  /** Removes the file of a stage that was discarded. */
  async remove(): Promise<void> {
    const hadFile = (await this.close()) !== undefined;
    if (hadFile) await this.#folder.unlink(this.#name);
  }

  /** Closes the file once nothing is under way on it; what is staged is removed when the folder is opened again. */
  async close(): Promise<DiskFile | undefined> {
    await this.#work;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
    return file;
  }

  async #opened(): Promise<DiskFile> {
    if (!this.#file) {
      this.#file = await this.#folder.open(this.#name, 'wx+');
      await this.#file.write(encodeSnapshotHeader(this, this.#group), 0);
    }
    return this.#file;
  }

  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    if (this.#work) throw new StorageMisused('The chunk before is still being added to the snapshot.');
    if (this.#state !== 'open') {
      throw new StorageMisused(`The snapshot of index ${this.index} is ${this.#state}: stage a new one.`);
    }
    if (this.#background.stoppedBy) throw this.#background.stoppedBy;
    const result = work();
    this.#work = result.then(
      () => {},
      () => {},
    );
    try {
      return await result;
    } catch (error) {
      this.#background.stop(error);
      throw error;
    } finally {
      this.#work = undefined;
    }
  }
}
