/**
 * Replies as bytes, in answers and in snapshots. Little-endian: u8 kind, then nothing (nil), an f64 (integer), an i64 (integer beyond 2^53), u32 length and
 * bytes (bulk, status, error as "code message"), or u32 count and replies (array).
 */
import { Buffer } from 'node:buffer';
import { type ErrorCode, KvError, ok, type Reply, Status } from './operation.ts';

const ReplyKind = { nil: 0, integer: 1, bulk: 2, status: 3, error: 4, array: 5, long: 6 } as const;

/** Of the reply that nearly every write has. */
const okBytes = 5 + Buffer.byteLength(ok.text);

/** Bytes that `writeReply` needs. */
export function replyBytes(reply: Reply): number {
  if (reply === ok) return okBytes;
  if (reply === null) return 1;
  if (typeof reply === 'number' || typeof reply === 'bigint') return 9;
  if (reply instanceof Uint8Array) return 5 + reply.byteLength;
  if (reply instanceof Status) return 5 + Buffer.byteLength(reply.text);
  if (reply instanceof KvError) return 5 + Buffer.byteLength(`${reply.code} ${reply.message}`);
  let size = 5;
  for (const item of reply) size += replyBytes(item);
  return size;
}

/** Writes a reply at `offset` and returns the offset behind it. */
export function writeReply(bytes: Buffer, offset: number, reply: Reply): number {
  if (reply === null) return bytes.writeUInt8(ReplyKind.nil, offset);
  if (typeof reply === 'number') {
    bytes[offset] = ReplyKind.integer;
    return bytes.writeDoubleLE(reply, offset + 1);
  }
  if (typeof reply === 'bigint') {
    bytes[offset] = ReplyKind.long;
    return bytes.writeBigInt64LE(reply, offset + 1);
  }
  if (reply instanceof Uint8Array) {
    bytes[offset] = ReplyKind.bulk;
    bytes.writeUInt32LE(reply.byteLength, offset + 1);
    bytes.set(reply, offset + 5);
    return offset + 5 + reply.byteLength;
  }
  if (reply instanceof Status) return writeText(bytes, offset, ReplyKind.status, reply.text);
  if (reply instanceof KvError) {
    return writeText(bytes, offset, ReplyKind.error, `${reply.code} ${reply.message}`);
  }
  bytes[offset] = ReplyKind.array;
  let end = bytes.writeUInt32LE(reply.length, offset + 1);
  for (const item of reply) end = writeReply(bytes, end, item);
  return end;
}

/** Reads the reply at `at.offset` and moves it behind. Bulk strings are views. */
export function readReply(bytes: Buffer, at: { offset: number }): Reply {
  const kind = bytes.readUInt8(at.offset);
  at.offset += 1;
  if (kind === ReplyKind.nil) return null;
  if (kind === ReplyKind.integer) {
    at.offset += 8;
    return bytes.readDoubleLE(at.offset - 8);
  }
  if (kind === ReplyKind.long) {
    at.offset += 8;
    return bytes.readBigInt64LE(at.offset - 8);
  }
  const length = bytes.readUInt32LE(at.offset);
  at.offset += 4;
  if (kind === ReplyKind.array) {
    const items: Reply[] = [];
    for (let i = 0; i < length; i += 1) items.push(readReply(bytes, at));
    return items;
  }
  const end = at.offset + length;
  if (end > bytes.byteLength) throw new RangeError(`${length} bytes are claimed beyond the end`);
  const content = bytes.subarray(at.offset, end);
  at.offset = end;
  if (kind === ReplyKind.bulk) return content;
  const text = content.toString();
  if (kind === ReplyKind.status) return new Status(text);
  if (kind !== ReplyKind.error) throw new RangeError(`answer kind ${kind} is not known`);
  const space = text.indexOf(' ');
  return new KvError(text.slice(0, space) as ErrorCode, text.slice(space + 1)); // written from one
}

/** The reply in memory of its own, so that nothing else is kept with it: bulk strings may be views of much more. */
export function ownReply(reply: Reply): Reply {
  if (reply instanceof Uint8Array) {
    return reply.byteLength === reply.buffer.byteLength ? reply : Uint8Array.from(reply);
  }
  return Array.isArray(reply) ? reply.map(ownReply) : reply;
}

function writeText(bytes: Buffer, offset: number, kind: number, text: string): number {
  bytes[offset] = kind;
  const length = bytes.write(text, offset + 5);
  bytes.writeUInt32LE(length, offset + 1);
  return offset + 5 + length;
}
