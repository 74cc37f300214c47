/**
 * A snapshot of the key/value state as a stream of chunks: a header, then records of the log time, of sessions and of keys.
 *
 * Little-endian. Header: u8 format version. Record: u8 kind, u32 length, content. Time: u48 ms since the Unix epoch. Key:
 * u32 key length, f64 deadline (0: none), u48 log index of its last change, key, value. Session: u48 id, u48 last sequence, u48 ms that it may be silent, f64
 * deadline, then each reply kept as u48 sequence and the reply.
 */

import type { Keyspace } from './keyspace.ts';
import type { LogTime } from './logTime.ts';
import type { Reply } from './operation.ts';
import { ownReply, readReply, replyBytes, writeReply } from './replyFormat.ts';
import type { SessionImage, Sessions } from './sessions.ts';
import type { Item } from './store/item.ts';
import { asBuffer, MalformedKvMessage } from './wire.ts';

const snapshotFormatVersion = 3;
const RecordKind = { key: 0, session: 1, time: 2 } as const;
const recordHeaderBytes = 5;
const timeBytes = 6;
const keyHeaderBytes = 18;
const sessionHeaderBytes = 26;
/** Records are gathered into chunks of this size: some 0.5 ms of work, then the event loop turns. A longer record is a chunk of its own. */
export const chunkBytes = 64 * 1024;
/** A value of this size is a chunk by itself, from where it stands. */
const longValueBytes = 32 * 1024;

/** What a snapshot is written from, and read into. */
export interface SnapshotParts {
  readonly time: LogTime;
  readonly keyspace: Keyspace;
  readonly sessions: Sessions;
}

/** The view is taken when the first chunk is, and given back with the last or when the generator is closed. */
export function* writeSnapshot(parts: SnapshotParts): Generator<Uint8Array, void, void> {
  const sessions = parts.sessions.openView();
  const keys = parts.keyspace.openView();
  try {
    const chunk = new Chunk();
    chunk.filled = chunk.bytes.writeUInt8(snapshotFormatVersion);
    writeTime(chunk, parts.time.now);
    for (const [id, session] of sessions.entries) {
      const size = sessionBytes(session);
      if (!chunk.hasRoomFor(size)) yield chunk.replace(size);
      writeSession(chunk, size, id, session);
    }
    for (const item of keys.items) {
      const size = keyHeaderBytes + item.keyBytes + item.valueBytes;
      const room = item.valueBytes < longValueBytes ? size : size - item.valueBytes;
      if (!chunk.hasRoomFor(room)) yield chunk.replace(room);
      writeKey(chunk, room, size, item);
      if (room === size) continue;
      yield chunk.flush();
      yield item.value;
    }
    yield chunk.replace(0);
  } finally {
    sessions.close();
    keys.close();
  }
}

/** The chunk that is being filled. */
class Chunk {
  bytes = Buffer.allocUnsafeSlow(chunkBytes);
  filled = 0;
  /** Bytes before this one have been given away. */
  #flushed = 0;

  /** Room for a record whose content has `size` bytes. */
  hasRoomFor(size: number): boolean {
    return this.filled + recordHeaderBytes + size <= this.bytes.byteLength;
  }

  /** What has been filled; the next chunk has room for a record of this size. */
  replace(size: number): Uint8Array {
    const full = this.flush();
    this.bytes = Buffer.allocUnsafeSlow(Math.max(chunkBytes, recordHeaderBytes + size));
    this.filled = 0;
    this.#flushed = 0;
    return full;
  }

  /** What has been filled; the chunk goes on behind it. */
  flush(): Uint8Array {
    const full = this.bytes.subarray(this.#flushed, this.filled);
    this.#flushed = this.filled;
    return full;
  }

  /** Begins a record, of whose `size` bytes of content `room` are to be written here; where they are. */
  begin(kind: number, size: number, room = size): number {
    this.bytes.writeUInt8(kind, this.filled);
    const start = this.bytes.writeUInt32LE(size, this.filled + 1);
    this.filled = start + room;
    return start;
  }
}

/** @throws MalformedKvMessage */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>, parts: SnapshotParts): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of chunks) {
    let bytes = rest.byteLength > 0 ? Buffer.concat([rest, chunk]) : asBuffer(chunk);
    if (!begun && bytes.byteLength > 0) {
      if (bytes[0] !== snapshotFormatVersion) {
        throw new MalformedKvMessage(`Snapshot format ${bytes[0]} is not known: upgrade this node.`);
      }
      begun = true;
      bytes = bytes.subarray(1);
    }
    let offset = 0;
    while (bytes.byteLength - offset >= recordHeaderBytes) {
      const end = offset + recordHeaderBytes + bytes.readUInt32LE(offset + 1);
      if (end > bytes.byteLength) break;
      readRecord(bytes[offset], bytes.subarray(offset + recordHeaderBytes, end), parts);
      offset = end;
    }
    rest = bytes.subarray(offset);
  }
  if (rest.byteLength > 0) throw new MalformedKvMessage(`A snapshot ends in the middle of a record.`);
}

function writeTime(chunk: Chunk, time: number): void {
  chunk.bytes.writeUIntLE(time, chunk.begin(RecordKind.time, timeBytes), 6);
}

/** The record of a key; without the value if there is no room for that. */
function writeKey(chunk: Chunk, room: number, size: number, item: Item): void {
  const { bytes } = chunk;
  const start = chunk.begin(RecordKind.key, size, room);
  bytes.writeUInt32LE(item.keyBytes, start);
  bytes.writeDoubleLE(item.deadline ?? 0, start + 4);
  bytes.writeUIntLE(item.version, start + 12, 6);
  if (room === size) item.write(bytes, start + keyHeaderBytes);
  else item.writeKey(bytes, start + keyHeaderBytes);
}

function sessionBytes({ replies }: SessionImage): number {
  let size = sessionHeaderBytes;
  for (const reply of replies.values()) size += 6 + replyBytes(reply);
  return size;
}

function writeSession(
  chunk: Chunk,
  size: number,
  id: number,
  { last, idleMsMax, deadline, replies }: SessionImage,
): void {
  const { bytes } = chunk;
  const start = chunk.begin(RecordKind.session, size);
  bytes.writeUIntLE(id, start, 6);
  bytes.writeUIntLE(last, start + 6, 6);
  bytes.writeUIntLE(idleMsMax, start + 12, 6);
  bytes.writeDoubleLE(deadline, start + 18);
  let offset = start + sessionHeaderBytes;
  for (const [sequence, reply] of replies) {
    offset = writeReply(bytes, bytes.writeUIntLE(sequence, offset, 6), reply);
  }
}

function readRecord(
  kind: number | undefined,
  content: Buffer,
  { time, keyspace, sessions }: SnapshotParts,
): void {
  if (kind === RecordKind.time) {
    time.restore(content.readUIntLE(0, 6));
  } else if (kind === RecordKind.key) {
    const keyEnd = keyHeaderBytes + content.readUInt32LE(0);
    const key = content.toString('latin1', keyHeaderBytes, keyEnd);
    keyspace.set(
      key,
      content.subarray(keyEnd),
      content.readDoubleLE(4) || undefined,
      content.readUIntLE(12, 6),
    );
  } else if (kind === RecordKind.session) {
    const replies = new Map<number, Reply>();
    const at = { offset: sessionHeaderBytes };
    while (at.offset < content.byteLength) {
      const sequence = content.readUIntLE(at.offset, 6);
      at.offset += 6;
      replies.set(sequence, ownReply(readReply(content, at)));
    }
    sessions.restore(content.readUIntLE(0, 6), {
      ...{ last: content.readUIntLE(6, 6), idleMsMax: content.readUIntLE(12, 6) },
      ...{ deadline: content.readDoubleLE(18), replies },
    });
  } else {
    throw new MalformedKvMessage(`Snapshot record kind ${kind} is not known: upgrade this node.`);
  }
}
