/**
 * A record: one write group as it stands in a segment, all of it under one checksum, so that it survives a crash
 * whole or not at all. Little-endian:
 *
 *      0  u32  CRC-32 of bytes 4 to 31
 *      4  u8   format version
 *      5  u8   which fields the state part has, as bits
 *      6  u16  Raft group
 *      8  u48  epoch of the segment: what a recycled segment held before has another one
 *     14  u16  bytes of the state part
 *     16  u48  number of the record; consecutive over all segments, from 1
 *     22  u16  reserved, 0
 *     24  u32  bytes of the entries
 *     28  u32  CRC-32 of the state part and the entries
 *     32       state part: the fields in the order of their bits
 *              entries, exactly as they stand in memory and on the wire
 *              up to the next multiple of 8, without meaning
 *
 *     bit  field
 *      0   base           hard state, snapshot index u48 and term u48, last index u48
 *      1   hard state     term u48, bytes of the node id u16 (65535: no vote), node id in UTF-8
 *      2   snapshot       index u48, term u48
 *      3   truncate from  index u48
 *      4   entries        first index u48, count u32
 */
import { crc32 } from 'node:zlib';
import type { EntryBlock } from '../../../machines/entry.ts';
import type { HardState, SnapshotId } from '../../../machines/ports.ts';
import { StorageMisused, UnknownFormat } from './errors.ts';
import { nameBytesMax, recordAlignment, recordEntryBytesMax, recordHeadBytesMax } from './storageLimits.ts';

const recordFormatVersion = 1;
const recordHeaderBytes = 32;
const noVote = 0xffff;
const Field = { base: 1, hardState: 2, snapshot: 4, truncateFrom: 8, entries: 16 } as const;

/**
 * How things stood before a record. Every segment's first record says it, so that the segments before can be removed:
 * the term and the vote never live in a removed one alone.
 */
export interface LogBase {
  readonly hardState: HardState;
  readonly snapshot: SnapshotId;
  readonly lastIndex: number;
}

/** Taken effect of in this order. */
export interface RecordFields {
  readonly base?: LogBase | undefined;
  readonly hardState?: HardState | undefined;
  /** Its file is durable before the record is written. */
  readonly snapshot?: SnapshotId | undefined;
  readonly truncateFrom?: number | undefined;
  readonly entries?: EntryBlock | undefined;
  /** What follows `entries`; a record that was read has all in one block. */
  readonly furtherEntries?: readonly EntryBlock[] | undefined;
}

export interface LogRecord extends RecordFields {
  readonly group: number;
  readonly number: number;
  /** Where the next record begins, in bytes from the start of the segment. */
  readonly end: number;
}

/** Where a record that begins at `offset` and has `bytes` bytes is followed by the next one. */
export function recordEnd(offset: number, bytes: number): number {
  return Math.ceil((offset + bytes) / recordAlignment) * recordAlignment;
}

export class RecordEncoder {
  readonly #group: number;
  /** Used for every record: one write is under way at a time. */
  readonly #head = Buffer.alloc(recordHeadBytesMax);
  #filled = 0;

  constructor(group: number) {
    this.#group = group;
  }

  /**
   * All of the record but the entries, which are to be written right behind it. Valid until the next call.
   * @throws StorageMisused
   */
  encode(fields: RecordFields, epoch: number, number: number): Uint8Array {
    const { base, hardState, snapshot, truncateFrom, entries, furtherEntries = [] } = fields;
    const blocks = entries ? [entries, ...furtherEntries] : [];
    const entryBytes = blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const head = this.#head;
    let bits = 0;
    this.#filled = recordHeaderBytes;
    if (base) {
      bits |= Field.base;
      this.#putHardState(base.hardState);
      this.#putSnapshot(base.snapshot);
      this.#putU48(base.lastIndex);
    }
    if (hardState) {
      bits |= Field.hardState;
      this.#putHardState(hardState);
    }
    if (snapshot) {
      bits |= Field.snapshot;
      this.#putSnapshot(snapshot);
    }
    if (truncateFrom !== undefined) {
      bits |= Field.truncateFrom;
      this.#putU48(truncateFrom);
    }
    if (entries) {
      if (entryBytes > recordEntryBytesMax) {
        throw new StorageMisused(
          `${entryBytes} bytes of entries are too many for one write: at most ${recordEntryBytesMax}.`,
        );
      }
      bits |= Field.entries;
      this.#putU48(entries.firstIndex);
      this.#filled = head.writeUInt32LE(
        blocks.reduce((sum, { count }) => sum + count, 0),
        this.#filled,
      );
    }
    const state = head.subarray(recordHeaderBytes, this.#filled);
    head.writeUInt8(recordFormatVersion, 4);
    head.writeUInt8(bits, 5);
    head.writeUInt16LE(this.#group, 6);
    head.writeUIntLE(epoch, 8, 6);
    head.writeUInt16LE(state.byteLength, 14);
    head.writeUIntLE(number, 16, 6);
    head.writeUInt16LE(0, 22);
    head.writeUInt32LE(entryBytes, 24);
    const checksum = blocks.reduce((crc, { bytes }) => crc32(bytes, crc), crc32(state));
    head.writeUInt32LE(checksum, 28);
    head.writeUInt32LE(crc32(head.subarray(4, recordHeaderBytes)), 0);
    return head.subarray(0, this.#filled);
  }

  #putU48(value: number): void {
    this.#filled = this.#head.writeUIntLE(value, this.#filled, 6);
  }

  #putSnapshot({ index, term }: SnapshotId): void {
    this.#putU48(index);
    this.#putU48(term);
  }

  #putHardState({ term, votedFor }: HardState): void {
    this.#putU48(term);
    if (votedFor === null) {
      this.#filled = this.#head.writeUInt16LE(noVote, this.#filled);
      return;
    }
    const length = Buffer.byteLength(votedFor);
    if (length > nameBytesMax) {
      throw new StorageMisused(`The node id ${votedFor} is too long: at most ${nameBytesMax} bytes.`);
    }
    this.#filled = this.#head.writeUInt16LE(length, this.#filled);
    this.#filled += this.#head.write(votedFor, this.#filled);
  }
}

/**
 * The record at `offset` of a segment, its entries as a view. Undefined if none of this epoch stands there whole.
 * @throws UnknownFormat
 */
export function readRecord(
  segment: Buffer,
  offset: number,
  epoch: number,
  path: string,
): LogRecord | undefined {
  if (offset + recordHeaderBytes > segment.byteLength) return undefined;
  if (segment.readUIntLE(offset + 8, 6) !== epoch) return undefined;
  const header = segment.subarray(offset, offset + recordHeaderBytes);
  if (header.readUInt32LE(0) !== crc32(header.subarray(4))) return undefined;
  const version = header.readUInt8(4);
  if (version !== recordFormatVersion) throw new UnknownFormat(path, version, recordFormatVersion);
  const stateAt = offset + recordHeaderBytes;
  const entriesAt = stateAt + header.readUInt16LE(14);
  const end = entriesAt + header.readUInt32LE(24);
  if (end > segment.byteLength) return undefined;
  if (header.readUInt32LE(28) !== crc32(segment.subarray(stateAt, end))) return undefined;
  return {
    group: header.readUInt16LE(6),
    number: header.readUIntLE(16, 6),
    end: recordEnd(offset, end - offset),
    ...decodeState(
      segment.subarray(stateAt, entriesAt),
      header.readUInt8(5),
      segment.subarray(entriesAt, end),
    ),
  };
}

function decodeState(state: Buffer, bits: number, entryBytes: Uint8Array): RecordFields {
  let at = 0;
  const u48 = () => {
    at += 6;
    return state.readUIntLE(at - 6, 6);
  };
  const hardState = (): HardState => {
    const term = u48();
    const length = state.readUInt16LE(at);
    at += 2;
    if (length === noVote) return { term, votedFor: null };
    at += length;
    return { term, votedFor: state.toString('utf8', at - length, at) };
  };
  const snapshot = (): SnapshotId => ({ index: u48(), term: u48() });
  const entries = (): EntryBlock => {
    const firstIndex = u48();
    return { firstIndex, count: state.readUInt32LE(at), bytes: entryBytes };
  };
  // Evaluated from top to bottom, as the fields were written.
  return {
    base: bits & Field.base ? { hardState: hardState(), snapshot: snapshot(), lastIndex: u48() } : undefined,
    hardState: bits & Field.hardState ? hardState() : undefined,
    snapshot: bits & Field.snapshot ? snapshot() : undefined,
    truncateFrom: bits & Field.truncateFrom ? u48() : undefined,
    entries: bits & Field.entries ? entries() : undefined,
  };
}

/** Where the first record of this epoch at `from` or behind it stands whose number is above `number`; undefined if none does. */
export function findNewerRecord(
  segment: Buffer,
  from: number,
  epoch: number,
  number: number,
  path: string,
): number | undefined {
  // Looked for by the epoch, which Node finds much faster than each place can be tried.
  const mark = Buffer.alloc(6);
  mark.writeUIntLE(epoch, 0, 6);
  for (let at = segment.indexOf(mark, from + 8); at >= 0; at = segment.indexOf(mark, at + 1)) {
    const offset = at - 8;
    if (offset % recordAlignment !== 0) continue;
    const record = readRecord(segment, offset, epoch, path);
    if (record && record.number > number) return offset;
  }
  return undefined;
}
