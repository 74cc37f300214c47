/**
 * A snapshot's file: the header that all files share, the service's bytes, and a trailer. Little-endian:
 *
 *     0   28 bytes  header: index and term (see fileHeader.ts)
 *    28   reserved, 0, up to byte 64
 *    64             payload
 *     then u48      bytes of the payload
 *          u16      reserved, 0
 *          u32      CRC-32 of the payload
 *          u32      CRC-32 of the trailer's bytes before
 */
import { crc32 } from 'node:zlib';
import type { SnapshotId } from '../../../machines/ports.ts';
import type { DiskFile } from './diskFile.ts';
import type { DiskFolder } from './diskFolder.ts';
import { CorruptSnapshot } from './errors.ts';
import { decodeFileHeader, encodeFileHeader, fileHeaderBytes } from './fileHeader.ts';
import { snapshotName } from './fileNames.ts';
import { SnapshotReader } from './snapshotReader.ts';
import { snapshotPieceBytes } from './storageLimits.ts';

/** Where the payload begins. */
export const payloadOffset = 64;
const trailerBytes = 16;

export function encodeSnapshotHeader({ index, term }: SnapshotId, group: number): Buffer {
  const bytes = Buffer.alloc(payloadOffset);
  encodeFileHeader('RAFTSNAP', { group, first: index, second: term }).copy(bytes);
  return bytes;
}

/** @param size bytes of the payload */
export function encodeSnapshotTrailer(size: number, payloadCrc: number): Buffer {
  const bytes = Buffer.alloc(trailerBytes);
  bytes.writeUIntLE(size, 0, 6);
  bytes.writeUInt32LE(payloadCrc, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 12)), 12);
  return bytes;
}

/**
 * Opens the snapshot that the log refers to, after reading all of it.
 * @throws CorruptSnapshot, UnknownFormat, StorageFailed
 */
export async function openSnapshot(
  folder: DiskFolder,
  id: SnapshotId,
  group: number,
  names: readonly string[],
): Promise<SnapshotReader> {
  const name = snapshotName(id);
  if (!names.includes(name)) {
    throw new CorruptSnapshot(folder.pathOf(name), 'the log refers to it, and it is not there');
  }
  const file = await folder.open(name, 'r');
  try {
    return new SnapshotReader(file, id, await verify(file, id, group), payloadOffset);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Returns the bytes of the payload. */
async function verify(file: DiskFile, id: SnapshotId, group: number): Promise<number> {
  const headerBytes = Buffer.alloc(fileHeaderBytes);
  await file.read(headerBytes, 0);
  const header = decodeFileHeader('RAFTSNAP', headerBytes, file.path);
  if (!header) throw new CorruptSnapshot(file.path, 'its header cannot be read');
  if (header.first !== id.index || header.second !== id.term || header.group !== group) {
    const found = `index ${header.first}, term ${header.second}, group ${header.group}`;
    throw new CorruptSnapshot(file.path, `it is the snapshot of ${found}`);
  }
  const size = (await file.size()) - payloadOffset - trailerBytes;
  const trailer = Buffer.alloc(trailerBytes);
  await file.read(trailer, payloadOffset + Math.max(0, size));
  if (size < 0 || !trailer.equals(encodeSnapshotTrailer(size, trailer.readUInt32LE(8)))) {
    throw new CorruptSnapshot(file.path, 'its end cannot be read');
  }
  const payloadCrc = await checksum(file, size);
  if (payloadCrc !== trailer.readUInt32LE(8)) throw new CorruptSnapshot(file.path, 'its checksum is wrong');
  return size;
}

async function checksum(file: DiskFile, size: number): Promise<number> {
  const piece = Buffer.allocUnsafe(Math.min(size, snapshotPieceBytes));
  let crc = 0;
  for (let offset = 0; offset < size; offset += piece.byteLength) {
    const part = piece.subarray(0, size - offset);
    await file.read(part, payloadOffset + offset);
    crc = crc32(part, crc);
  }
  return crc;
}
