/**
 * The binary layout of a log entry (paper, section 5.3: "each log entry stores a state machine command along with
 * the term number"). The same bytes stand in memory, on the wire and in the log on disk: they are written once, when
 * the leader appends the entry, and read as views after that.
 *
 * Little-endian:
 *
 *     0  u32  bytes of the whole entry, this header included
 *     4  u8   format version
 *     5  u8   kind
 *     6  u16  Raft group
 *     8  u16  service that the payload is for
 *    10  u16  reserved, 0
 *    12  u48  index
 *    18  u48  term
 *    24       payload
 */
import { entryPayloadBytesMax, indexMax } from './limits.ts';

export const entryHeaderBytes = 24;
export const entryFormatVersion = 1;

/** What an entry is for: the service's command, or one of Raft's own. */
export const EntryKind = { command: 0, internal: 1, configuration: 2, session: 3 } as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

export interface Entry {
  readonly index: number;
  readonly term: number;
  readonly kind: EntryKind;
  readonly service: number;
  /** A view of the log's memory: copy what is to outlive the entry. */
  readonly payload: Uint8Array;
}

/** What an entry is to hold, written where it is going to stand. */
export interface Payload {
  readonly byteLength: number;
  /** Writes all of its bytes from `offset` on, where there is room for them. */
  writeTo(target: Uint8Array, offset: number): void;
}

/** Consecutive entries, one behind the other, as they travel and as they are stored. */
export interface EntryBlock {
  readonly firstIndex: number;
  /** The number of entries. */
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Bytes that are no entries, or entries out of order. They come from a broken peer or a broken disk. */
export class MalformedEntries extends Error {
  readonly code = 'MalformedEntries';
  override readonly name = 'MalformedEntries';
}

/** The largest value of two bytes, plus one: where the upper part of a 48-bit number begins. */
const lowPart = 2 ** 32;

// Byte by byte: a view of the bytes would cost more than what it reads or writes.

function getU32(bytes: Uint8Array, at: number): number {
  return getU16(bytes, at) + getU16(bytes, at + 2) * 2 ** 16;
}

function getU16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 2 ** 8;
}

function getU48(bytes: Uint8Array, at: number): number {
  return getU32(bytes, at) + getU16(bytes, at + 4) * lowPart;
}

function putU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  putU16(bytes, at, value);
  putU16(bytes, at + 2, value >>> 16);
}

function putU48(bytes: Uint8Array, at: number, value: number): void {
  putU32(bytes, at, value % lowPart);
  putU16(bytes, at + 4, Math.floor(value / lowPart));
}

/** Writes the header of an entry at `offset` of `target`, which has room for it; the payload follows it. */
export function writeEntryHeader(
  target: Uint8Array,
  offset: number,
  { index, term, kind, service }: Omit<Entry, 'payload'>,
  payloadBytes: number,
  group = 0,
): void {
  putU32(target, offset, entryHeaderBytes + payloadBytes);
  target[offset + 4] = entryFormatVersion;
  target[offset + 5] = kind;
  putU16(target, offset + 6, group);
  putU16(target, offset + 8, service);
  putU16(target, offset + 10, 0);
  putU48(target, offset + 12, index);
  putU48(target, offset + 18, term);
}

/** Writes one entry at `offset` of `target`, which has room for it, and returns the offset behind it. */
export function writeEntry(target: Uint8Array, offset: number, entry: Entry, group = 0): number {
  const { payload } = entry;
  writeEntryHeader(target, offset, entry, payload.byteLength, group);
  target.set(payload, offset + entryHeaderBytes);
  return offset + entryHeaderBytes + payload.byteLength;
}

/** Reads the entry at `offset` of a block that `entryOffsets` accepted. */
export function readEntry(bytes: Uint8Array, offset: number): Entry {
  return {
    index: getU48(bytes, offset + 12),
    term: getU48(bytes, offset + 18),
    kind: bytes[offset + 5] as EntryKind, // checked when the block came in
    service: getU16(bytes, offset + 8),
    payload: bytes.subarray(offset + entryHeaderBytes, offset + getU32(bytes, offset)),
  };
}

/** The term of the entry at `offset`, without a view of its payload. */
export function readEntryTerm(bytes: Uint8Array, offset: number): number {
  return getU48(bytes, offset + 18);
}

/**
 * Where each entry of a block begins, after checking that the block is whole: format, kinds, consecutive indexes from
 * `firstIndex`, terms that never fall, no byte left over.
 * @throws MalformedEntries
 */
export function entryOffsets(bytes: Uint8Array, firstIndex: number): number[] {
  const offsets: number[] = [];
  let offset = 0;
  let term = 0;
  while (offset < bytes.byteLength) {
    const index = firstIndex + offsets.length;
    if (bytes.byteLength - offset < entryHeaderBytes) throw malformed(index, 'its header is cut short');
    const length = getU32(bytes, offset);
    if (length < entryHeaderBytes || length > bytes.byteLength - offset) {
      throw malformed(index, `it claims ${length} bytes where ${bytes.byteLength - offset} are left`);
    }
    if (length > entryHeaderBytes + entryPayloadBytesMax)
      throw malformed(index, `${length} bytes are too many`);
    const version = bytes[offset + 4];
    if (version !== entryFormatVersion) throw malformed(index, `format version ${version} is not known`);
    const kind = bytes[offset + 5] ?? 0;
    if (kind > EntryKind.session) throw malformed(index, `kind ${kind} is not known`);
    if (getU48(bytes, offset + 12) !== index)
      throw malformed(index, `it says index ${getU48(bytes, offset + 12)}`);
    const last = term;
    term = getU48(bytes, offset + 18);
    if (term < last) throw malformed(index, `its term falls below ${last}`);
    offsets.push(offset);
    offset += length;
  }
  return offsets;
}

function malformed(index: number, why: string): MalformedEntries {
  return new MalformedEntries(`The entry expected at index ${index} cannot be read: ${why}.`);
}

/** True for a number that fits the 48 bits of an index or a term. */
export function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= indexMax; // isInteger admits numbers only
}
