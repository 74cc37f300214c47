/** What the log on disk amounts to, and what a write group adds to it. */
import type { HardState, SnapshotId, WriteGroup } from '../../../machines/ports.ts';
import { LogExtent } from './logExtent.ts';
import type { LogBase, RecordFields } from './record.ts';
import type { Replay } from './replay.ts';

export class LogState {
  readonly #extent: LogExtent;
  #hardState: HardState;

  constructor({ hardState, snapshot, entries }: Replay) {
    this.#hardState = hardState;
    this.#extent = new LogExtent(snapshot);
    for (const block of entries) this.#extent.append(block);
  }

  get snapshotIndex(): number {
    return this.#extent.snapshot.index;
  }
  get lastIndex(): number {
    return this.#extent.lastIndex;
  }

  base(): LogBase {
    const { snapshot, lastIndex } = this.#extent;
    return { hardState: this.#hardState, snapshot, lastIndex };
  }

  /**
   * The record for a group; undefined if it says nothing.
   * @param snapshot the group's, once its file is durable
   * @param base what a segment's first record begins with
   */
  recordOf(
    { hardState, truncateFrom, entries, furtherEntries }: WriteGroup,
    snapshot: SnapshotId | undefined,
    base: LogBase | undefined,
  ): RecordFields | undefined {
    const hasEntries = entries !== undefined && entries.bytes.byteLength > 0;
    if (!hardState && !snapshot && truncateFrom === undefined && !hasEntries) return undefined;
    return {
      base,
      hardState,
      snapshot,
      truncateFrom: snapshot ? this.#truncatedBy(snapshot, truncateFrom) : truncateFrom,
      entries: hasEntries ? entries : undefined,
      furtherEntries,
    };
  }

  /**
   * Takes what a record says as written.
   * @throws StorageMisused, MalformedEntries
   */
  take({ hardState, snapshot, truncateFrom, entries, furtherEntries = [] }: RecordFields): void {
    if (hardState) this.#hardState = hardState;
    if (snapshot) this.#extent.compactTo(snapshot);
    if (truncateFrom !== undefined) this.#extent.truncateFrom(truncateFrom);
    if (entries) this.#extent.append(entries);
    for (const block of furtherEntries) this.#extent.append(block);
  }

  /**
   * Where a group that has a snapshot cuts the log: behind it, if the entries there do not continue it. The record
   * says so, since a recovery may not have the entry that decides it any more.
   */
  #truncatedBy(snapshot: SnapshotId, truncateFrom: number | undefined): number | undefined {
    if (snapshot.index >= this.lastIndex || this.#extent.continues(snapshot)) return truncateFrom;
    return Math.min(truncateFrom ?? snapshot.index + 1, snapshot.index + 1);
  }
}
