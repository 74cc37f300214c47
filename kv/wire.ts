/**
 * The service's own encoding: what stands in a log entry, and what clerk and server say to each other. A request is a
 * batch of items, the reply has one answer for each.
 *
 * Little-endian. Command (an entry's payload): u8 version, u8 operation, u48 session, u48 sequence, u48 seenThrough, then
 * each argument as u32 length and bytes. Query: u8 version, u8 operation, arguments. Item: u8 kind, u32 length, command
 * or query. Answer: u8 version, who answers and whom it takes for the leader (each u8 length and UTF-8), then the
 * replies, each u8 kind and its content.
 */
import type { NodeId } from '../machines/configuration.ts';
import {
  type ErrorCode,
  KvError,
  type Operation,
  type OperationCode,
  type Reply,
  Status,
} from './operation.ts';

/** Names the key/value service in entries and messages. */
export const kvService = 1;
export const kvFormatVersion = 1;

const commandHeaderBytes = 20;
const queryHeaderBytes = 2;

export const ItemKind = { register: 0, command: 1, query: 2 } as const;
export type ItemKind = (typeof ItemKind)[keyof typeof ItemKind];

/** One thing asked of a server: a session, the execution of a command, or the answer to a query. */
export interface Item {
  readonly kind: ItemKind;
  /** An encoded command or query; empty for a registration. */
  readonly body: Uint8Array;
}

export interface SessionStamp {
  /** The log index of the session's registration. */
  readonly session: number;
  /** Numbers the session's commands from 1. */
  readonly sequence: number;
  /** The client has the replies up to here: they need not be kept. */
  readonly seenThrough: number;
}

/** Bytes that are no request, reply or command of this service. */
export class MalformedKvMessage extends Error {
  override readonly name = 'MalformedKvMessage';
  readonly code = 'MalformedKvMessage';
}

export function encodeCommand({ code, args }: Operation, stamp: SessionStamp): Uint8Array {
  const bytes = Buffer.allocUnsafe(commandHeaderBytes + argumentBytes(args));
  bytes[0] = kvFormatVersion;
  bytes[1] = code;
  bytes.writeUIntLE(stamp.session, 2, 6);
  bytes.writeUIntLE(stamp.sequence, 8, 6);
  bytes.writeUIntLE(stamp.seenThrough, 14, 6);
  writeArguments(bytes, commandHeaderBytes, args);
  return bytes;
}

export function encodeQuery({ code, args }: Operation): Uint8Array {
  const bytes = Buffer.allocUnsafe(queryHeaderBytes + argumentBytes(args));
  bytes[0] = kvFormatVersion;
  bytes[1] = code;
  writeArguments(bytes, queryHeaderBytes, args);
  return bytes;
}

/** @throws MalformedKvMessage */
export function decodeCommand(payload: Uint8Array): Operation & SessionStamp {
  const bytes = asBuffer(payload);
  checkVersion(bytes, commandHeaderBytes);
  return {
    code: (bytes[1] ?? 0) as OperationCode, // an unknown one is refused by who executes it
    session: bytes.readUIntLE(2, 6),
    sequence: bytes.readUIntLE(8, 6),
    seenThrough: bytes.readUIntLE(14, 6),
    args: readArguments(bytes, commandHeaderBytes),
  };
}

/** @throws MalformedKvMessage */
export function decodeQuery(payload: Uint8Array): Operation {
  const bytes = asBuffer(payload);
  checkVersion(bytes, queryHeaderBytes);
  return { code: (bytes[1] ?? 0) as OperationCode, args: readArguments(bytes, queryHeaderBytes) }; // as above
}

export function encodeItems(items: readonly Item[]): Uint8Array {
  let size = 1;
  for (const { body } of items) size += 5 + body.byteLength;
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] = kvFormatVersion;
  let offset = 1;
  for (const { kind, body } of items) {
    bytes[offset] = kind;
    bytes.writeUInt32LE(body.byteLength, offset + 1);
    bytes.set(body, offset + 5);
    offset += 5 + body.byteLength;
  }
  return bytes;
}

/** @throws MalformedKvMessage */
export function decodeItems(body: Uint8Array): Item[] {
  const bytes = asBuffer(body);
  checkVersion(bytes, 1);
  const items: Item[] = [];
  let offset = 1;
  while (offset < bytes.byteLength) {
    if (bytes.byteLength - offset < 5) throw new MalformedKvMessage('An item is cut short.');
    const kind = bytes[offset] ?? 0;
    const end = offset + 5 + bytes.readUInt32LE(offset + 1);
    if (kind > ItemKind.query || end > bytes.byteLength) {
      throw new MalformedKvMessage(`An item of kind ${kind} does not fit its ${bytes.byteLength} bytes.`);
    }
    items.push({ kind: kind as ItemKind, body: body.subarray(offset + 5, end) }); // checked above
    offset = end;
  }
  return items;
}

const ReplyKind = { nil: 0, integer: 1, bulk: 2, status: 3, error: 4, array: 5 } as const;

/** What a server says to a batch of items: one reply for each, in their order. */
export interface Answer {
  readonly server: NodeId;
  /** The leader, as far as the server knows. */
  readonly leader: NodeId | null;
  readonly replies: readonly Reply[];
}

export function encodeAnswer({ server, leader, replies }: Answer): Uint8Array {
  const names = [Buffer.from(server), Buffer.from(leader ?? '')];
  let size = 1;
  for (const name of names) size += 1 + name.byteLength;
  for (const reply of replies) size += replyBytes(reply);
  const bytes = Buffer.allocUnsafe(size);
  bytes[0] = kvFormatVersion;
  let offset = 1;
  for (const name of names) {
    bytes[offset] = name.byteLength;
    bytes.set(name, offset + 1);
    offset += 1 + name.byteLength;
  }
  for (const reply of replies) offset = writeReply(bytes, offset, reply);
  return bytes;
}

/** @throws MalformedKvMessage */
export function decodeAnswer(body: Uint8Array): Answer {
  const bytes = asBuffer(body);
  checkVersion(bytes, 3);
  const at = { offset: 1 };
  const replies: Reply[] = [];
  try {
    const server = readName(bytes, at);
    const leader = readName(bytes, at);
    while (at.offset < bytes.byteLength) replies.push(readReply(bytes, at));
    return { server, leader: leader === '' ? null : leader, replies };
  } catch (error) {
    throw new MalformedKvMessage(`An answer cannot be read: ${(error as Error).message}.`);
  }
}

function readName(bytes: Buffer, at: { offset: number }): string {
  const start = at.offset + 1;
  at.offset = start + bytes.readUInt8(at.offset);
  return bytes.toString('utf8', start, at.offset);
}

/** Bytes that `writeReply` needs. */
export function replyBytes(reply: Reply): number {
  if (reply === null) return 1;
  if (typeof reply === 'number') return 9;
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

function writeText(bytes: Buffer, offset: number, kind: number, text: string): number {
  bytes[offset] = kind;
  const length = bytes.write(text, offset + 5);
  bytes.writeUInt32LE(length, offset + 1);
  return offset + 5 + length;
}

function argumentBytes(args: readonly Uint8Array[]): number {
  let size = 0;
  for (const arg of args) size += 4 + arg.byteLength;
  return size;
}

function writeArguments(bytes: Buffer, start: number, args: readonly Uint8Array[]): void {
  let offset = start;
  for (const arg of args) {
    bytes.writeUInt32LE(arg.byteLength, offset);
    bytes.set(arg, offset + 4);
    offset += 4 + arg.byteLength;
  }
}

function readArguments(bytes: Buffer, start: number): Uint8Array[] {
  const args: Uint8Array[] = [];
  let offset = start;
  while (offset < bytes.byteLength) {
    const end = offset + 4 <= bytes.byteLength ? offset + 4 + bytes.readUInt32LE(offset) : Number.NaN;
    if (!(end <= bytes.byteLength)) throw new MalformedKvMessage('An argument is cut short.');
    args.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return args;
}

function checkVersion(bytes: Buffer, headerBytes: number): void {
  if (bytes.byteLength < headerBytes || bytes[0] !== kvFormatVersion) {
    throw new MalformedKvMessage(
      `${bytes.byteLength} bytes of key/value format ${bytes[0] ?? 'none'} cannot be read ` +
        `(this version speaks ${kvFormatVersion}).`,
    );
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
