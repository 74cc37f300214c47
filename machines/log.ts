/**
 * The replicated log (paper, sections 5.3 and 7): one owned object that all actors of a node share, never copied.
 * Entries lie encoded in slabs of memory; an index finds its slab, its place in it and its term.
 */
import { ChunkedList } from './chunkedList.ts';
import {
  type Entry,
  type EntryBlock,
  type EntryKind,
  entryHeaderBytes,
  entryOffsets,
  type Payload,
  readEntry,
  readEntryTerm,
  writeEntryHeader,
} from './entry.ts';
import type { SnapshotId, StoredState } from './ports.ts';

/** Small commands share a slab of this size, so that those of one batch can be sent without being copied. */
const slabBytes = 64 * 1024;

export class Log {
  /** Highest index known to be committed (paper, figure 2: volatile state). */
  commitIndex: number;
  /** The last entry that the snapshot stands for; 0 before the first snapshot. */
  #snapshot: SnapshotId;
  // One item for each entry behind the snapshot.
  readonly #terms = new ChunkedList<number>();
  readonly #slabs = new ChunkedList<Uint8Array>();
  readonly #offsets = new ChunkedList<number>();
  /** Where the entry would begin if all that were ever appended stood one behind the other, bytes. */
  readonly #starts = new ChunkedList<number>();
  /** The same of an entry that would follow the last one. */
  #end = 0;
  /** The slab that this node appends its own proposals to, and the first free byte in it. */
  #openSlab = new Uint8Array(0);
  #openOffset = 0;

  constructor(recovered: Pick<StoredState, 'snapshot' | 'entries'>) {
    this.#snapshot = recovered.snapshot;
    this.commitIndex = recovered.snapshot.index;
    for (const block of recovered.entries) this.appendBlock(block);
  }

  get snapshotIndex(): number {
    return this.#snapshot.index;
  }
  get snapshotTerm(): number {
    return this.#snapshot.term;
  }
  get firstIndex(): number {
    return this.#snapshot.index + 1;
  }
  get lastIndex(): number {
    return this.#snapshot.index + this.#terms.length;
  }
  get lastTerm(): number {
    return this.#terms.at(this.#terms.length - 1) ?? this.#snapshot.term;
  }
  /** Bytes of the entries held in memory. */
  get byteLength(): number {
    return this.#end - (this.#starts.at(0) ?? this.#end);
  }

  /** The term of the entry at `index`; undefined where the log does not reach or has been compacted. */
  termAt(index: number): number | undefined {
    if (index === this.#snapshot.index) return this.#snapshot.term;
    return this.#terms.at(index - this.firstIndex);
  }

  entryAt(index: number): Entry | undefined {
    const slab = this.#slabs.at(index - this.firstIndex);
    return slab && readEntry(slab, this.#offsets.at(index - this.firstIndex) ?? 0);
  }

  /** Appends one entry of this node's own and returns its index. The payload is copied, or written right here. */
  append(term: number, kind: EntryKind, service: number, payload: Uint8Array | Payload): number {
    const { byteLength } = payload;
    const length = entryHeaderBytes + byteLength;
    if (length > this.#openSlab.byteLength - this.#openOffset) this.#openNewSlab(length);
    const index = this.lastIndex + 1;
    const slab = this.#openSlab;
    const offset = this.#openOffset;
    // First: whoever cannot write it leaves nothing behind.
    if (payload instanceof Uint8Array) slab.set(payload, offset + entryHeaderBytes);
    else payload.writeTo(slab, offset + entryHeaderBytes);
    writeEntryHeader(slab, offset, { index, term, kind, service }, byteLength);
    this.#push(term, slab, offset, length);
    this.#openOffset = offset + length;
    return index;
  }

  /** Appends entries that follow the last one. Their bytes are kept, not copied. */
  appendBlock(block: EntryBlock): void {
    this.#closeSlab();
    this.#pushBlock(block.bytes, 0, block);
  }

  /** The same of a copy, beside the entries before it: for a log that is often read from its beginning. */
  appendCopy(block: EntryBlock): void {
    const { byteLength } = block.bytes;
    if (byteLength > this.#openSlab.byteLength - this.#openOffset) this.#openNewSlab(byteLength);
    this.#openSlab.set(block.bytes, this.#openOffset);
    this.#pushBlock(this.#openSlab, this.#openOffset, block);
    this.#openOffset += byteLength;
  }

  /**
   * The part of a leader's block that this log does not hold yet (paper, figure 2, AppendEntries, steps 3 and 4):
   * from the first entry that conflicts or is new. Undefined if all of it is there.
   */
  missingFrom(block: EntryBlock): EntryBlock | undefined {
    if (block.firstIndex > this.lastIndex && block.count > 0) return block;
    const offsets = entryOffsets(block.bytes, block.firstIndex);
    const known = offsets.findIndex((offset, i) => {
      const index = block.firstIndex + i;
      return index > this.#snapshot.index && this.termAt(index) !== readEntryTerm(block.bytes, offset);
    });
    if (known < 0) return undefined;
    return {
      firstIndex: block.firstIndex + known,
      count: block.count - known,
      bytes: block.bytes.subarray(offsets[known]),
    };
  }

  /** Drops the entries from `index` on. What is committed is never dropped. */
  truncateFrom(index: number): void {
    if (index <= this.commitIndex) {
      throw new RangeError(`Entry ${index} is committed (up to ${this.commitIndex}) and cannot be dropped.`);
    }
    this.#closeSlab();
    const kept = Math.min(this.#terms.length, Math.max(0, index - this.firstIndex));
    this.#end = this.#starts.at(kept) ?? this.#end;
    this.#terms.truncate(kept);
    this.#slabs.truncate(kept);
    this.#offsets.truncate(kept);
    this.#starts.truncate(kept);
  }

  /**
   * Lets go of the entries that a snapshot stands for (paper, section 7). Entries behind it stay if they continue it;
   * otherwise the snapshot is all there is.
   */
  compactTo(snapshot: SnapshotId): void {
    const continues = this.termAt(snapshot.index) === snapshot.term;
    const dropped = continues ? snapshot.index - this.#snapshot.index : this.#terms.length;
    this.#terms.dropFirst(dropped);
    this.#slabs.dropFirst(dropped);
    this.#offsets.dropFirst(dropped);
    this.#starts.dropFirst(dropped);
    // A slab may be as large as one entry: no room in it is worth keeping that.
    if (this.#terms.length === 0) this.#closeSlab();
    this.#snapshot = { index: snapshot.index, term: snapshot.term };
    this.commitIndex = Math.max(this.commitIndex, snapshot.index);
  }

  /**
   * Entries from `from` on, as many as fit `bytesMax` (at least one if there is one) and lie at or below `lastIndex`.
   * A view where they lie together in memory, a copy where they do not.
   */
  slice(from: number, bytesMax: number, lastIndex = this.lastIndex): EntryBlock {
    const blocks = this.blocks(from, bytesMax, lastIndex);
    return blocks.length === 1 && blocks[0] ? blocks[0] : joined(from, blocks);
  }

  /** The same entries as views, one for each stretch of memory that they lie in. */
  blocks(from: number, bytesMax: number, lastIndex = this.lastIndex): EntryBlock[] {
    const end = Math.min(lastIndex, this.lastIndex) - this.firstIndex + 1;
    const blocks: EntryBlock[] = [];
    let left = bytesMax;
    for (let next = from - this.firstIndex; next < end; ) {
      const slab = this.#slabs.at(next);
      const begin = next;
      let byteLength = 0;
      for (; next < end && this.#slabs.at(next) === slab; next += 1) {
        const length = this.#lengthAt(next);
        if (length > left && (next > begin || blocks.length > 0)) break;
        byteLength += length;
        left -= length;
      }
      if (!slab || next === begin) break;
      const offset = this.#offsets.at(begin) ?? 0;
      const bytes = slab.subarray(offset, offset + byteLength);
      blocks.push({ firstIndex: begin + this.firstIndex, count: next - begin, bytes });
    }
    return blocks;
  }

  /** The last index whose entry has `term`, or undefined (paper, end of section 5.3). Terms never fall along a log. */
  lastIndexOf(term: number): number | undefined {
    let low = 0;
    let high = this.#terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#terms.at(middle) ?? 0) <= term) low = middle + 1;
      else high = middle;
    }
    const index = this.#snapshot.index + low;
    return this.termAt(index) === term ? index : undefined;
  }

  /** The first index held whose entry has the term of the one at `index` (paper, end of section 5.3). */
  firstIndexOfTermAt(index: number): number {
    const term = this.termAt(index);
    let first = index;
    while (first > this.firstIndex && this.termAt(first - 1) === term) first -= 1;
    return first;
  }

  /** All that the log holds, in a form that can be kept and restored. */
  image(): LogImage {
    const all = this.slice(this.firstIndex, Number.POSITIVE_INFINITY);
    return {
      commitIndex: this.commitIndex,
      snapshot: this.#snapshot,
      entries: { ...all, bytes: all.bytes.slice() },
    };
  }

  static fromImage(image: LogImage): Log {
    const entries = { ...image.entries, bytes: image.entries.bytes.slice() };
    const log = new Log({ snapshot: image.snapshot, entries: entries.count > 0 ? [entries] : [] });
    log.commitIndex = image.commitIndex;
    return log;
  }

  /** What an inspector shows. */
  toJSON(): object {
    const { firstIndex, lastIndex, lastTerm, commitIndex, snapshotIndex } = this;
    return { firstIndex, lastIndex, lastTerm, commitIndex, snapshotIndex };
  }

  #openNewSlab(bytesMin: number): void {
    this.#openSlab = new Uint8Array(Math.max(bytesMin, slabBytes));
    this.#openOffset = 0;
  }

  /** Makes the next own entry start a slab, so that the entries of a slab always lie one behind the other. */
  #closeSlab(): void {
    this.#openSlab = new Uint8Array(0);
    this.#openOffset = 0;
  }

  /** A block whose bytes stand at `start` of the slab. */
  #pushBlock(slab: Uint8Array, start: number, { bytes, firstIndex }: EntryBlock): void {
    if (firstIndex !== this.lastIndex + 1) {
      throw new RangeError(`A block from index ${firstIndex} cannot follow index ${this.lastIndex}.`);
    }
    const offsets = entryOffsets(bytes, firstIndex);
    offsets.forEach((offset, i) => {
      const end = offsets[i + 1] ?? bytes.byteLength;
      this.#push(readEntryTerm(bytes, offset), slab, start + offset, end - offset);
    });
  }

  #push(term: number, slab: Uint8Array, offset: number, length: number): void {
    this.#terms.push(term);
    this.#slabs.push(slab);
    this.#offsets.push(offset);
    this.#starts.push(this.#end);
    this.#end += length;
  }

  /** The bytes of the i-th entry held. */
  #lengthAt(i: number): number {
    return (this.#starts.at(i + 1) ?? this.#end) - (this.#starts.at(i) ?? this.#end);
  }
}

/** One block of several that follow each other. */
function joined(firstIndex: number, blocks: readonly EntryBlock[]): EntryBlock {
  const bytes = new Uint8Array(blocks.reduce((sum, block) => sum + block.bytes.byteLength, 0));
  let filled = 0;
  let count = 0;
  for (const block of blocks) {
    bytes.set(block.bytes, filled);
    filled += block.bytes.byteLength;
    count += block.count;
  }
  return { firstIndex, count, bytes };
}

export interface LogImage {
  readonly commitIndex: number;
  readonly snapshot: SnapshotId;
  readonly entries: EntryBlock;
}
