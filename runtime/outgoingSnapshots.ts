/**
 * The snapshots that a leader is sending (paper, section 7): at most one for each follower, held from the first chunk
 * to the last, so that a newer one does not make a transfer begin anew.
 */
import type { NodeId } from '../machines/configuration.ts';
import { snapshotChunkBytes } from '../machines/limits.ts';
import type { SnapshotId, Storage, StoredSnapshot } from '../machines/ports.ts';

export interface OutgoingChunk extends SnapshotId {
  readonly offset: number;
  readonly data: Uint8Array;
  /** It is the last one. */
  readonly done: boolean;
}

export class OutgoingSnapshots {
  /** By follower. */
  readonly held = new Map<NodeId, StoredSnapshot>();
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Takes hold of the newest snapshot; undefined as long as the one that the log begins with is not durable. */
  hold(peer: NodeId, logBeginsBehind: number): SnapshotId | undefined {
    this.release(peer);
    const stored = this.#storage.snapshot();
    if (!stored) return undefined;
    const { index, term } = stored;
    if (index < logBeginsBehind) {
      stored.release();
      return undefined;
    }
    this.held.set(peer, stored);
    return { index, term };
  }

  /** A chunk of the snapshot held for `peer`; undefined if there is none. A disk's error is the caller's. */
  async read(peer: NodeId, offset: number): Promise<OutgoingChunk | undefined> {
    const stored = this.held.get(peer);
    if (!stored) return undefined;
    const { index, term, size } = stored;
    const data = await stored.read(offset, snapshotChunkBytes);
    return { index, term, offset, data, done: offset + data.byteLength >= size };
  }

  release(peer: NodeId): void {
    this.held.get(peer)?.release();
    this.held.delete(peer);
  }

  releaseAll(): void {
    for (const peer of [...this.held.keys()]) this.release(peer);
  }
}
