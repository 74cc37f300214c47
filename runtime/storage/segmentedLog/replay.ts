/** What the records of a log amount to, one after the other: the state that a node finds when it is opened. */
import { type EntryBlock, entryOffsets } from '../../../machines/entry.ts';
import type { HardState, SnapshotId } from '../../../machines/ports.ts';
import type { LogBase, RecordFields } from './record.ts';
import { recoveredBlockBytes } from './storageLimits.ts';

export class Replay {
  hardState: HardState = { term: 0, votedFor: null };
  snapshot: SnapshotId = { index: 0, term: 0 };
  lastIndex = 0;
  /** Entries up to this index stood in segments that are gone: a snapshot must stand for them in the end. */
  missingTo = 0;
  /** Consecutive, up to the last index. */
  #blocks: EntryBlock[] = [];
  /** How many of the first blocks are copies already. */
  #gatheredCount = 0;
  #hasBase = false;

  /** The entries behind the snapshot. */
  get entries(): readonly EntryBlock[] {
    return this.#blocks;
  }

  /**
   * Takes the effect of a record, or says why it cannot follow those before.
   * @throws MalformedEntries
   */
  apply({ base, hardState, snapshot, truncateFrom, entries }: RecordFields): string | undefined {
    if (base) {
      if (this.#hasBase && !this.#agreesWith(base)) return 'its segment begins from another state of the log';
      if (!this.#hasBase) this.#beginFrom(base);
    }
    if (hardState) this.hardState = hardState;
    if (snapshot) this.#compactTo(snapshot);
    if (truncateFrom !== undefined) this.#truncateFrom(truncateFrom);
    if (!entries) return undefined;
    const { firstIndex, bytes } = entries;
    if (firstIndex !== this.lastIndex + 1) {
      return `its entries begin at index ${firstIndex}, the log before ends at ${this.lastIndex}`;
    }
    const count = entryOffsets(bytes, firstIndex).length;
    if (count !== entries.count) return `it says ${entries.count} entries and holds ${count}`;
    this.#blocks.push(entries);
    this.lastIndex += count;
    return undefined;
  }

  /** Copies the entries that are left out of the segment they were read from, so that it need not be kept. */
  gather(): void {
    const pieces = this.#blocks.splice(this.#gatheredCount);
    let begin = 0;
    let byteLength = 0;
    pieces.forEach((piece, i) => {
      byteLength += piece.bytes.byteLength;
      if (byteLength < recoveredBlockBytes && i < pieces.length - 1) return;
      this.#blocks.push(joined(pieces.slice(begin, i + 1), byteLength));
      begin = i + 1;
      byteLength = 0;
    });
    this.#gatheredCount = this.#blocks.length;
  }

  #beginFrom({ hardState, snapshot, lastIndex }: LogBase): void {
    this.#hasBase = true;
    this.hardState = hardState;
    this.snapshot = snapshot;
    this.lastIndex = lastIndex;
    this.missingTo = lastIndex;
  }

  #agreesWith({ hardState, snapshot, lastIndex }: LogBase): boolean {
    return (
      hardState.term === this.hardState.term &&
      hardState.votedFor === this.hardState.votedFor &&
      snapshot.index === this.snapshot.index &&
      snapshot.term === this.snapshot.term &&
      lastIndex === this.lastIndex
    );
  }

  /** Where the entries behind it do not continue it, the record's `truncateFrom` says so. */
  #compactTo(snapshot: SnapshotId): void {
    this.snapshot = snapshot;
    this.lastIndex = Math.max(this.lastIndex, snapshot.index);
    const first = this.#blocks.findIndex((block) => lastIndexOf(block) > snapshot.index);
    const dropped = this.#blocks.splice(0, first < 0 ? this.#blocks.length : first).length;
    this.#gatheredCount = Math.max(0, this.#gatheredCount - dropped);
    const block = this.#blocks[0];
    if (block && block.firstIndex <= snapshot.index) this.#blocks[0] = behind(block, snapshot.index);
  }

  #truncateFrom(index: number): void {
    this.lastIndex = Math.min(this.lastIndex, Math.max(index - 1, this.snapshot.index));
    this.missingTo = Math.min(this.missingTo, index - 1);
    while ((this.#blocks.at(-1)?.firstIndex ?? 0) > this.lastIndex) this.#blocks.pop();
    this.#gatheredCount = Math.min(this.#gatheredCount, this.#blocks.length);
    const block = this.#blocks.pop();
    if (block) this.#blocks.push(lastIndexOf(block) > this.lastIndex ? upTo(block, this.lastIndex) : block);
  }
}

function lastIndexOf({ firstIndex, count }: EntryBlock): number {
  return firstIndex + count - 1;
}

/** The entries above an index of the block. */
function behind({ firstIndex, count, bytes }: EntryBlock, index: number): EntryBlock {
  const dropped = index - firstIndex + 1;
  return {
    firstIndex: index + 1,
    count: count - dropped,
    bytes: bytes.subarray(entryOffsets(bytes, firstIndex)[dropped]),
  };
}

/** The entries up to an index of the block. */
function upTo({ firstIndex, bytes }: EntryBlock, index: number): EntryBlock {
  const count = index - firstIndex + 1;
  return { firstIndex, count, bytes: bytes.subarray(0, entryOffsets(bytes, firstIndex)[count]) };
}

function joined(pieces: readonly EntryBlock[], byteLength: number): EntryBlock {
  const bytes = new Uint8Array(byteLength);
  let filled = 0;
  let count = 0;
  for (const piece of pieces) {
    bytes.set(piece.bytes, filled);
    filled += piece.bytes.byteLength;
    count += piece.count;
  }
  return { firstIndex: pieces[0]?.firstIndex ?? 0, count, bytes };
}
