/** Which entries the log on disk holds and of which terms: what a group is checked against before it is written. */
import { type EntryBlock, entryOffsets, readEntryTerm } from '../../../machines/entry.ts';
import type { SnapshotId } from '../../../machines/ports.ts';
import { StorageMisused } from './errors.ts';

/** Terms never fall along a log, so that a few numbers tell the term of every entry. */
interface TermRun {
  readonly firstIndex: number;
  readonly term: number;
}

export class LogExtent {
  #snapshot: SnapshotId;
  #lastIndex: number;
  #runs: TermRun[] = [];

  constructor({ index, term }: SnapshotId) {
    this.#snapshot = { index, term };
    this.#lastIndex = index;
  }

  get snapshot(): SnapshotId {
    return this.#snapshot;
  }
  /** The snapshot's index if no entry is behind it. */
  get lastIndex(): number {
    return this.#lastIndex;
  }

  /** Undefined where the log does not reach. */
  termAt(index: number): number | undefined {
    if (index === this.#snapshot.index) return this.#snapshot.term;
    if (index < this.#snapshot.index || index > this.#lastIndex) return undefined;
    return this.#runs.findLast(({ firstIndex }) => firstIndex <= index)?.term;
  }

  /**
   * Entries behind a snapshot stay only if they continue it: if the entry that it ends with is in the log (as in step
   * 6 of InstallSnapshot; paper, figure 13).
   */
  continues({ index, term }: SnapshotId): boolean {
    return this.termAt(index) === term;
  }

  compactTo(snapshot: SnapshotId): void {
    if (!this.continues(snapshot)) {
      this.#runs = [];
      this.#lastIndex = snapshot.index;
    }
    this.#snapshot = { index: snapshot.index, term: snapshot.term };
    const first = this.#runs.findLastIndex(({ firstIndex }) => firstIndex <= snapshot.index + 1);
    if (first > 0) this.#runs.splice(0, first);
  }

  truncateFrom(index: number): void {
    if (index > this.#lastIndex) return;
    this.#lastIndex = Math.max(index - 1, this.#snapshot.index);
    while ((this.#runs.at(-1)?.firstIndex ?? 0) > this.#lastIndex) this.#runs.pop();
  }

  /**
   * @throws StorageMisused if the entries do not follow the last one
   * @throws MalformedEntries
   */
  append({ firstIndex, count, bytes }: EntryBlock): void {
    if (firstIndex !== this.#lastIndex + 1) {
      throw new StorageMisused(`Entries from index ${firstIndex} cannot follow index ${this.#lastIndex}.`);
    }
    const offsets = entryOffsets(bytes, firstIndex);
    if (offsets.length !== count || count === 0) {
      throw new StorageMisused(`A block said to hold ${count} entries holds ${offsets.length}.`);
    }
    let last = this.termAt(this.#lastIndex) ?? 0;
    if (readEntryTerm(bytes, 0) < last) {
      throw new StorageMisused(`The term of entry ${firstIndex} falls below ${last}.`);
    }
    // Nearly always all entries have the term of those before: the last one tells.
    if (this.#runs.length === 0 || readEntryTerm(bytes, offsets[count - 1] ?? 0) !== last) {
      offsets.forEach((offset, i) => {
        const term = readEntryTerm(bytes, offset);
        if (term === last && this.#runs.length > 0) return;
        this.#runs.push({ firstIndex: firstIndex + i, term });
        last = term;
      });
    }
    this.#lastIndex += count;
  }
}
