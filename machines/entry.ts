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

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readU48(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint16(offset + 4, true) * lowPart;
}

function writeU48(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % lowPart, true);
  view.setUint16(offset + 4, Math.floor(value / lowPart), true);
}

/** Writes one entry at `offset` of `target`, which has room for it, and returns the offset behind it. */
export function writeEntry(target: Uint8Array, offset: number, entry: Entry, group = 0): number {
  const length = entryHeaderBytes + entry.payload.byteLength;
  const view = viewOf(target);
  view.setUint32(offset, length, true);
  view.setUint8(offset + 4, entryFormatVersion);
  view.setUint8(offset + 5, entry.kind);
  view.setUint16(offset + 6, group, true);
  view.setUint16(offset + 8, entry.service, true);
  view.setUint16(offset + 10, 0, true);
  writeU48(view, offset + 12, entry.index);
  writeU48(view, offset + 18, entry.term);
  target.set(entry.payload, offset + entryHeaderBytes);
  return offset + length;
}

/** Reads the entry at `offset` of a block that `entryOffsets` accepted. */
export function readEntry(bytes: Uint8Array, offset: number): Entry {
  const view = viewOf(bytes);
  const end = offset + view.getUint32(offset, true);
  return {
    index: readU48(view, offset + 12),
    term: readU48(view, offset + 18),
    kind: view.getUint8(offset + 5) as EntryKind, // checked when the block came in
    service: view.getUint16(offset + 8, true),
    payload: bytes.subarray(offset + entryHeaderBytes, end),
  };
}

/** The term of the entry at `offset`, without a view of its payload. */
export function readEntryTerm(bytes: Uint8Array, offset: number): number {
  // Byte by byte: a view would cost more than what it reads.
  const at = offset + 18;
  let term = 0;
  for (let i = 5; i >= 0; i -= 1) term = term * 2 ** 8 + (bytes[at + i] ?? 0);
  return term;
}

/**
 * Where each entry of a block begins, after checking that the block is whole: format, kinds, consecutive indexes from
 * `firstIndex`, terms that never fall, no byte left over.
 * @throws MalformedEntries
 */
export function entryOffsets(bytes: Uint8Array, firstIndex: number): number[] {
  const view = viewOf(bytes);
  const offsets: number[] = [];
  let offset = 0;
  let term = 0;
  while (offset < bytes.byteLength) {
    const index = firstIndex + offsets.length;
    if (bytes.byteLength - offset < entryHeaderBytes) throw malformed(index, 'its header is cut short');
    const length = view.getUint32(offset, true);
    if (length < entryHeaderBytes || length > bytes.byteLength - offset) {
      throw malformed(index, `it claims ${length} bytes where ${bytes.byteLength - offset} are left`);
    }
    if (length > entryHeaderBytes + entryPayloadBytesMax)
      throw malformed(index, `${length} bytes are too many`);
    const version = view.getUint8(offset + 4);
    if (version !== entryFormatVersion) throw malformed(index, `format version ${version} is not known`);
    if (view.getUint8(offset + 5) > EntryKind.session) {
      throw malformed(index, `kind ${view.getUint8(offset + 5)} is not known`);
    }
    if (readU48(view, offset + 12) !== index)
      throw malformed(index, `it says index ${readU48(view, offset + 12)}`);
    if (readU48(view, offset + 18) < term) throw malformed(index, `its term falls below ${term}`);
    term = readU48(view, offset + 18);
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
