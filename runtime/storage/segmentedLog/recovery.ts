/**
 * Reads the log when a folder is opened, and tells a torn tail from damage.
 *
 * A write group is one record in one segment, and the next group is written only after the sync of the one before. So
 * a crash can leave one record incomplete at most, the last one, and it was never acknowledged: it is cut. A record
 * that is newer than an unreadable one proves that the unreadable one had been synced, and maybe acknowledged: that is
 * damage, and the node must not go on as if nothing had been there. The proof is a whole record of the same epoch
 * behind it in its segment, or any record in a later segment, whose numbers do not continue then.
 *
 * What this cannot tell: damage to the very last record that was acknowledged looks like a torn one, and is cut.
 */
import { MalformedEntries } from '../../../machines/entry.ts';
import type { DiskFolder } from './diskFolder.ts';
import { CorruptLog } from './errors.ts';
import { decodeFileHeader } from './fileHeader.ts';
import { segmentName, segmentSequences } from './fileNames.ts';
import { findNewerRecord, type LogRecord, readRecord } from './record.ts';
import { Replay } from './replay.ts';
import { Segment } from './segment.ts';
import { writeZeros } from './segmentPool.ts';
import { recordAlignment, segmentHeaderBytes } from './storageLimits.ts';

export interface RecoveredLog {
  /** Those with records, oldest first. The next record goes behind the last one's. */
  readonly segments: readonly Segment[];
  /** Sequence numbers of files that hold nothing: made in advance, or left over by a compaction. */
  readonly superfluous: readonly number[];
  readonly state: Replay;
  readonly nextRecord: number;
}

export class LogRecovery {
  readonly #folder: DiskFolder;
  readonly #group: number;
  readonly #segmentBytes: number;
  readonly #state = new Replay();
  readonly #segments: Segment[] = [];
  readonly #superfluous: number[] = [];
  /** The last segment with records, as it was read. */
  #lastRead: Buffer = Buffer.alloc(0);
  /** The number that the next record must have; any, before the first. */
  #nextRecord: number | undefined;

  constructor(folder: DiskFolder, group: number, segmentBytes: number) {
    this.#folder = folder;
    this.#group = group;
    this.#segmentBytes = segmentBytes;
  }

  /**
   * @param names the files in the folder
   * @throws CorruptLog, UnknownFormat, StorageFailed
   */
  async run(names: readonly string[]): Promise<RecoveredLog> {
    const { chain, before } = newestChain(segmentSequences(names));
    try {
      for (const sequence of chain) await this.#readSegment(sequence);
      const [first] = this.#segments;
      const last = this.#segments.at(-1);
      if (!first || !last || this.#nextRecord === undefined) {
        throw this.#damaged(chain[0] ?? 1, 'no record can be read, here or before');
      }
      if (this.#state.missingTo > this.#state.snapshot.index) {
        throw this.#damaged(first.sequence - 1, `it is gone, with entries up to ${this.#state.missingTo}`);
      }
      await this.#settle(last);
      return {
        segments: this.#segments,
        superfluous: [...before, ...this.#superfluous],
        state: this.#state,
        nextRecord: this.#nextRecord,
      };
    } catch (error) {
      for (const { file } of this.#segments) await file.close();
      throw error;
    }
  }

  #damaged(sequence: number, why: string): CorruptLog {
    return new CorruptLog(this.#folder.pathOf(segmentName(sequence)), segmentHeaderBytes, why);
  }

  async #readSegment(sequence: number): Promise<void> {
    const file = await this.#folder.open(segmentName(sequence), 'r+');
    try {
      const bytes = Buffer.allocUnsafe(await file.size());
      await file.read(bytes, 0);
      const header = decodeFileHeader('RAFTSEGM', bytes, file.path);
      if (header?.first !== sequence) throw new CorruptLog(file.path, 0, 'its header cannot be read');
      if (header.group !== this.#group) {
        throw new CorruptLog(file.path, 0, `it belongs to group ${header.group}, not ${this.#group}`);
      }
      const segment = new Segment(file, sequence, header.second, bytes.byteLength);
      this.#readRecords(segment, bytes);
      if (!segment.isEmpty) {
        this.#state.gather();
        this.#segments.push(segment);
        this.#lastRead = bytes;
        return;
      }
      this.#superfluous.push(sequence);
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
  }

  #readRecords(segment: Segment, bytes: Buffer): void {
    const { epoch, file } = segment;
    for (;;) {
      const record = readRecord(bytes, segment.end, epoch, file.path);
      if (!record) break;
      this.#checkPlace(segment, record);
      const refused = this.#apply(record);
      if (refused) throw new CorruptLog(file.path, segment.end, refused);
      segment.end = record.end;
      if (record.entries) segment.lastIndex = Math.max(segment.lastIndex, this.#state.lastIndex);
      this.#nextRecord = record.number + 1;
    }
    const unread = this.#nextRecord ?? 0;
    const newer = findNewerRecord(bytes, segment.end + recordAlignment, epoch, unread, file.path);
    if (newer !== undefined) {
      const why = `the record cannot be read, but a newer one stands at byte ${newer}`;
      throw new CorruptLog(file.path, segment.end, why);
    }
  }

  /** That nothing is missing between this record and the one read before. */
  #checkPlace({ file, end, isEmpty }: Segment, { number, group, base }: LogRecord): void {
    const [unreadable] = this.#superfluous;
    if (unreadable !== undefined) {
      const path = this.#folder.pathOf(segmentName(unreadable));
      throw new CorruptLog(
        path,
        segmentHeaderBytes,
        `no record can be read, but ${file.path} has newer ones`,
      );
    }
    if (this.#nextRecord !== undefined && number !== this.#nextRecord) {
      const before = isEmpty ? this.#segments.at(-1) : undefined;
      const why = `record ${this.#nextRecord} is missing, record ${number} follows in ${file.path}`;
      throw new CorruptLog(before?.file.path ?? file.path, before?.end ?? end, why);
    }
    if (group !== this.#group) throw new CorruptLog(file.path, end, `it belongs to group ${group}`);
    if (isEmpty !== (base !== undefined)) {
      throw new CorruptLog(file.path, end, 'only the first record of a segment has a base');
    }
  }

  #apply(record: LogRecord): string | undefined {
    try {
      return this.#state.apply(record);
    } catch (error) {
      if (error instanceof MalformedEntries) return error.message;
      throw error;
    }
  }

  /**
   * Leaves nothing but zeros behind the last record, so that no later one can bring back what was cut, and has all that
   * was read on the disk: a process that was killed may have written the last record without syncing it.
   */
  async #settle(last: Segment): Promise<void> {
    const { file, end } = last;
    const sizeFound = last.capacity;
    last.capacity = Math.max(this.#segmentBytes, end);
    if (sizeFound > last.capacity) await file.truncate(last.capacity);
    if (sizeFound < last.capacity || !isZero(this.#lastRead.subarray(end))) {
      await writeZeros(file, end, last.capacity);
    }
    await file.sync();
  }
}

/** The segments without a gap up to the newest, and those before the gap: a removal that a crash interrupted. */
function newestChain(sequences: readonly number[]): { chain: number[]; before: number[] } {
  let begin = Math.max(0, sequences.length - 1);
  while (begin > 0 && (sequences[begin - 1] ?? 0) + 1 === sequences[begin]) begin -= 1;
  return { chain: sequences.slice(begin), before: sequences.slice(0, begin) };
}

const zeros = Buffer.alloc(64 * 1024);

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.byteLength; at += zeros.byteLength) {
    const piece = bytes.subarray(at, at + zeros.byteLength);
    if (!piece.equals(zeros.subarray(0, piece.byteLength))) return false;
  }
  return true;
}
