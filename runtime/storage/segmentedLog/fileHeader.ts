/**
 * How the files of a data folder begin. This layout is the same in every format version, so that any release can tell
 * a newer format from a damaged file. Little-endian:
 *
 *      0  8 bytes  what kind of file it is, as ASCII
 *      8  u16      format version of what follows
 *     10  u16      Raft group
 *     12  u48      two numbers, whose meaning depends on the kind
 *     18  u48
 *     24  u32      CRC-32 of the bytes before
 */
import { crc32 } from 'node:zlib';
import { UnknownFormat } from './errors.ts';

export type FileKind = 'RAFTSEGM' | 'RAFTSNAP';

/** The only version there is of segments and of snapshots. */
export const fileFormatVersion = 1;

export const fileHeaderBytes = 28;

export interface FileHeader {
  readonly group: number;
  /** Segment: its sequence number. Snapshot: its index. */
  readonly first: number;
  /** Segment: its epoch. Snapshot: its term. */
  readonly second: number;
}

export function encodeFileHeader(kind: FileKind, { group, first, second }: FileHeader): Buffer {
  const bytes = Buffer.alloc(fileHeaderBytes);
  bytes.write(kind, 0, 'latin1');
  bytes.writeUInt16LE(fileFormatVersion, 8);
  bytes.writeUInt16LE(group, 10);
  bytes.writeUIntLE(first, 12, 6);
  bytes.writeUIntLE(second, 18, 6);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}

/**
 * Undefined if the bytes are no header of this kind.
 * @throws UnknownFormat
 */
export function decodeFileHeader(kind: FileKind, bytes: Buffer, path: string): FileHeader | undefined {
  if (bytes.byteLength < fileHeaderBytes) return undefined;
  if (bytes.toString('latin1', 0, 8) !== kind) return undefined;
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24))) return undefined;
  const version = bytes.readUInt16LE(8);
  if (version !== fileFormatVersion) throw new UnknownFormat(path, version, fileFormatVersion);
  return {
    group: bytes.readUInt16LE(10),
    first: bytes.readUIntLE(12, 6),
    second: bytes.readUIntLE(18, 6),
  };
}
