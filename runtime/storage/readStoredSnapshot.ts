/** A stored snapshot as a stream of chunks, from its first byte to its last; at its end it is released. */
import { snapshotChunkBytes } from '../../machines/limits.ts';
import type { StoredSnapshot } from '../../machines/ports.ts';

export async function* readStoredSnapshot(stored: StoredSnapshot): AsyncGenerator<Uint8Array, void, void> {
  try {
    let offset = 0;
    while (offset < stored.size) {
      const chunk = await stored.read(offset, snapshotChunkBytes);
      if (chunk.byteLength === 0) throw new Error(`A snapshot of ${stored.size} bytes ends at ${offset}.`);
      offset += chunk.byteLength;
      yield chunk;
    }
  } finally {
    stored.release();
  }
}
