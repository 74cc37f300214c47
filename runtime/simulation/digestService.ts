/** The service of a simulated node: it remembers one number for all that it was given, so that histories are compared. */
import type { Entry } from '../../machines/entry.ts';
import { StreamHash } from './streamHash.ts';

/** When a node snapshots its service. */
export interface SnapshotPolicy {
  /** Once this many entries have been applied since the last snapshot. */
  readonly everyEntries: number;
  /** What a snapshot is padded to, bytes: above 256 KiB it travels in several chunks. */
  readonly bytes?: number;
}

export interface DigestImage {
  readonly lastApplied: number;
  readonly hash: readonly number[];
}

const toBytes = new TextEncoder();
const toText = new TextDecoder();

export class DigestService {
  #lastApplied = 0;
  readonly #hash = new StreamHash();

  get lastApplied(): number {
    return this.#lastApplied;
  }

  /** Equal where the same entries were applied in the same order. */
  digest(): string {
    return this.#hash.digest();
  }

  apply(entries: readonly Entry[]): void {
    for (const { index, term, kind, payload } of entries) {
      this.#lastApplied = index;
      this.#hash.number(index).number(term).number(kind).bytes(payload);
    }
  }

  snapshot(bytes = 0): Uint8Array {
    // JSON ends before the spaces that it is padded with.
    return toBytes.encode(JSON.stringify(this.image()).padEnd(bytes));
  }

  installSnapshot(snapshot: Uint8Array): void {
    this.restore(JSON.parse(toText.decode(snapshot)));
  }

  image(): DigestImage {
    return { lastApplied: this.#lastApplied, hash: this.#hash.image() };
  }

  restore(image: DigestImage): void {
    this.#lastApplied = image.lastApplied;
    this.#hash.restore(image.hash);
  }
}
