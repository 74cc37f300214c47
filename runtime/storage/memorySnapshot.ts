/** Snapshots held in memory: staged chunk by chunk, read at any offset. */
import type { SnapshotId, StagedSnapshot, StoredSnapshot } from '../../machines/ports.ts';

export class MemoryStagedSnapshot implements StagedSnapshot {
  readonly index: number;
  readonly term: number;
  #chunks: Uint8Array[] = [];
  size = 0;

  constructor(id: SnapshotId) {
    this.index = id.index;
    this.term = id.term;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(Uint8Array.from(chunk));
    this.size += chunk.byteLength;
  }

  discard(): void {
    this.#chunks = [];
    this.size = 0;
  }

  /** All chunks as one array. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    return bytes;
  }
}

/** Holds the bytes themselves: who lets go of it frees them. */
export class MemoryStoredSnapshot implements StoredSnapshot {
  readonly index: number;
  readonly term: number;
  readonly bytes: Uint8Array;

  constructor(id: SnapshotId, bytes: Uint8Array) {
    this.index = id.index;
    this.term = id.term;
    this.bytes = bytes;
  }

  get size(): number {
    return this.bytes.byteLength;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, offset + length);
  }

  release(): void {}
}
