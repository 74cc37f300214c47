/**
 * The service's own encoding: what stands in a log entry, and what clerk and server say to each other. A request is a
 * batch of items, the reply has one answer for each.
 *
 * Little-endian. Entry (its payload): u8 version, u8 operation, u48 the time of day of the leader that proposed it. A
 * command goes on with u48 session, u48 sequence, u48 seenThrough, then each argument as u32 length and bytes; the
 * registration of a session with the u48 ms that it may be silent. Query: u8 version, u8 operation, arguments. Item: u8
 * kind, u32 length, command or query; a command's time is 0 until the leader stamps it. Answer: u8 version, who answers
 * and whom it takes for the leader (each u8 length and UTF-8), then the replies (replyFormat.ts).
 */
// As a global it is a getter, which the compiler does not see through.
import { Buffer } from 'node:buffer';
import type { NodeId } from '../machines/configuration.ts';
import { type Operation, OperationCode, type Reply } from './operation.ts';
import { readReply, replyBytes, writeReply } from './replyFormat.ts';

/** Names the key/value service in entries and messages. */
export const kvService = 1;
export const kvFormatVersion = 2;

const entryHeaderBytes = 8;
const registrationBytes = entryHeaderBytes + 6;
const commandHeaderBytes = entryHeaderBytes + 18;
/** The last time that fits, in the year 10889. */
const timeMax = 2 ** 48 - 1;
const queryHeaderBytes = 2;

/** A `query` is for the leader; a `memberQuery` may be answered by any member, which asks the leader for a read index. */
export const ItemKind = { register: 0, command: 1, query: 2, memberQuery: 3 } as const;
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

/** The command of a client; the leader stamps it. */
export function encodeCommand(operation: Operation, stamp: SessionStamp): Uint8Array {
  const bytes = Buffer.allocUnsafe(commandBytes(operation));
  writeCommand(bytes, 0, operation, stamp, 0);
  return bytes;
}

/** Bytes of an encoded command. */
export function commandBytes({ args }: Operation): number {
  return commandHeaderBytes + argumentBytes(args);
}

/** Writes a command that is proposed at `time` (ms since the Unix epoch) at `offset`, where there is room for it. */
export function writeCommand(
  bytes: Uint8Array,
  offset: number,
  { code, args }: Operation,
  { session, sequence, seenThrough }: SessionStamp,
  time: number,
): void {
  writeEntryHeader(bytes, offset, code, time);
  putU48(bytes, offset + 8, session);
  putU48(bytes, offset + 14, sequence);
  putU48(bytes, offset + 20, seenThrough);
  writeArguments(bytes, offset + commandHeaderBytes, args);
}

/**
 * Writes into a command when it was proposed, in place: its bytes are the leader's by now. `time`: ms since the Unix
 * epoch. @throws MalformedKvMessage
 */
export function stampCommand(payload: Uint8Array, time: number): void {
  checkVersion(payload, commandHeaderBytes);
  writeTime(payload, 0, time);
}

/** The registration of a session that may be silent for `idleMsMax`. */
export function encodeRegistration(time: number, idleMsMax: number): Uint8Array {
  const bytes = Buffer.alloc(registrationBytes);
  writeEntryHeader(bytes, 0, OperationCode.openSession, time);
  putU48(bytes, entryHeaderBytes, Math.min(idleMsMax, timeMax));
  return bytes;
}

/** An entry that does nothing but let log time pass. */
export function encodeTick(time: number): Uint8Array {
  const bytes = Buffer.alloc(entryHeaderBytes);
  writeEntryHeader(bytes, 0, OperationCode.tick, time);
  return bytes;
}

function writeEntryHeader(bytes: Uint8Array, offset: number, code: OperationCode, time: number): void {
  bytes[offset] = kvFormatVersion;
  bytes[offset + 1] = code;
  writeTime(bytes, offset, time);
}

/** A clock that shows no time of the format's range must not stop the service. */
function writeTime(bytes: Uint8Array, offset: number, time: number): void {
  putU48(bytes, offset + 2, Math.min(Math.max(Math.floor(time) || 0, 0), timeMax));
}

export function encodeQuery({ code, args }: Operation): Uint8Array {
  const bytes = Buffer.allocUnsafe(queryHeaderBytes + argumentBytes(args));
  bytes[0] = kvFormatVersion;
  bytes[1] = code;
  writeArguments(bytes, queryHeaderBytes, args);
  return bytes;
}

export interface EntryHeader {
  readonly code: OperationCode;
  /** When its leader proposed it, by that one's clock: ms since the Unix epoch. */
  readonly proposedAt: number;
}

/** What every entry of the service begins with. @throws MalformedKvMessage */
export function decodeEntryHeader(payload: Uint8Array): EntryHeader {
  const bytes = asBuffer(payload);
  checkVersion(bytes, entryHeaderBytes);
  return { code: (bytes[1] ?? 0) as OperationCode, proposedAt: getU48(bytes, 2) }; // as in decodeCommand
}

/** How long the session that an entry registers may be silent, ms. @throws MalformedKvMessage */
export function decodeRegistration(payload: Uint8Array): number {
  const bytes = asBuffer(payload);
  checkVersion(bytes, registrationBytes);
  return getU48(bytes, entryHeaderBytes);
}

/** @throws MalformedKvMessage */
export function decodeCommand(payload: Uint8Array): Operation & SessionStamp {
  const bytes = asBuffer(payload);
  checkVersion(bytes, commandHeaderBytes);
  return {
    code: (bytes[1] ?? 0) as OperationCode, // an unknown one is refused by who executes it
    session: getU48(bytes, 8),
    sequence: getU48(bytes, 14),
    seenThrough: getU48(bytes, 20),
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
    if (kind > ItemKind.memberQuery || end > bytes.byteLength) {
      throw new MalformedKvMessage(`An item of kind ${kind} does not fit its ${bytes.byteLength} bytes.`);
    }
    items.push({ kind: kind as ItemKind, body: body.subarray(offset + 5, end) }); // checked above
    offset = end;
  }
  return items;
}

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

/** The answer of a server, or undefined: one that says nothing, or nonsense, is as good as lost. */
export function answerFrom(body: Uint8Array | undefined): Answer | undefined {
  try {
    return body && decodeAnswer(body);
  } catch {
    return undefined;
  }
}

function readName(bytes: Buffer, at: { offset: number }): string {
  const start = at.offset + 1;
  at.offset = start + bytes.readUInt8(at.offset);
  return bytes.toString('utf8', start, at.offset);
}

function argumentBytes(args: readonly Uint8Array[]): number {
  let size = 0;
  for (const arg of args) size += 4 + arg.byteLength;
  return size;
}

function writeArguments(bytes: Uint8Array, start: number, args: readonly Uint8Array[]): void {
  let offset = start;
  for (const arg of args) {
    putU32(bytes, offset, arg.byteLength);
    bytes.set(arg, offset + 4);
    offset += 4 + arg.byteLength;
  }
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

function putU48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32);
  putU32(bytes, at, value % 2 ** 32);
  bytes[at + 4] = high;
  bytes[at + 5] = high >>> 8;
}

// Byte by byte, as they are written: Node's methods look at more than they read.

function getU32(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 2 ** 8;
  return low + (bytes[at + 2] ?? 0) * 2 ** 16 + (bytes[at + 3] ?? 0) * 2 ** 24;
}

function getU48(bytes: Uint8Array, at: number): number {
  return getU32(bytes, at) + ((bytes[at + 4] ?? 0) + (bytes[at + 5] ?? 0) * 2 ** 8) * 2 ** 32;
}

function readArguments(bytes: Buffer, start: number): Uint8Array[] {
  const args: Uint8Array[] = [];
  let offset = start;
  while (offset < bytes.byteLength) {
    const end = offset + 4 <= bytes.byteLength ? offset + 4 + getU32(bytes, offset) : Number.NaN;
    if (!(end <= bytes.byteLength)) throw new MalformedKvMessage('An argument is cut short.');
    args.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return args;
}

function checkVersion(bytes: Uint8Array, headerBytes: number): void {
  if (bytes.byteLength < headerBytes || bytes[0] !== kvFormatVersion) {
    throw new MalformedKvMessage(
      `${bytes.byteLength} bytes of key/value format ${bytes[0] ?? 'none'} cannot be read ` +
        `(this version speaks ${kvFormatVersion}).`,
    );
  }
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
