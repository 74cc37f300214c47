/**
 * Messages as bytes. One table names the fields of each message and their kinds; encoding, decoding and the checks on
 * what comes in from outside all follow it.
 *
 * Little-endian: u8 format version, u8 message tag, u16 group, then the fields in the table's order.
 */
import type { EntryBlock } from '../machines/entry.ts';
import { entryOffsets, isIndex } from '../machines/entry.ts';
import type { RaftReply, RaftRequest } from '../machines/messages.ts';

export const messageFormatVersion = 1;

/** A request or reply of a service on top of Raft, opaque to Raft: `body` is the service's own encoding. */
export interface ServiceRequest {
  readonly type: 'serviceRequest';
  readonly group: number;
  readonly service: number;
  readonly body: Uint8Array;
}
export interface ServiceReply {
  readonly type: 'serviceReply';
  readonly group: number;
  readonly service: number;
  readonly body: Uint8Array;
}

export type Request = RaftRequest | ServiceRequest;
export type Reply = RaftReply | ServiceReply;
export type Message = Request | Reply;

/** What came in is no message: from a broken peer, another program, or a newer version. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
  readonly code = 'MalformedMessage';
}

/** index: u48; id: u8 length and UTF-8; flag: u8; small: u16; bytes and entries: to the end of the message. */
type Kind = 'index' | 'id' | 'flag' | 'small' | 'bytes' | 'entries';
type Layout = { readonly tag: number; readonly fields: readonly (readonly [name: string, kind: Kind])[] };

const lastLog = [
  ['lastLogIndex', 'index'],
  ['lastLogTerm', 'index'],
] as const;
const common = [
  ['term', 'index'],
  ['from', 'id'],
] as const;

const layouts: Readonly<Record<Message['type'], Layout>> = {
  preVote: { tag: 1, fields: [...common, ...lastLog] },
  preVoteReply: { tag: 2, fields: [...common, ['voteGranted', 'flag']] },
  requestVote: { tag: 3, fields: [...common, ...lastLog, ['leadershipTransfer', 'flag']] },
  requestVoteReply: { tag: 4, fields: [...common, ['voteGranted', 'flag']] },
  appendEntries: {
    tag: 5,
    fields: [
      ...common,
      ['prevLogIndex', 'index'],
      ['prevLogTerm', 'index'],
      ['leaderCommit', 'index'],
      ['round', 'index'],
      ['entries', 'entries'],
    ],
  },
  appendEntriesReply: {
    tag: 6,
    fields: [
      ...common,
      ['success', 'flag'],
      ['matchIndex', 'index'],
      ['conflictIndex', 'index'],
      ['conflictTerm', 'index'],
      ['round', 'index'],
    ],
  },
  installSnapshot: {
    tag: 7,
    fields: [
      ...common,
      ['lastIncludedIndex', 'index'],
      ['lastIncludedTerm', 'index'],
      ['offset', 'index'],
      ['done', 'flag'],
      ['data', 'bytes'],
    ],
  },
  installSnapshotReply: {
    tag: 8,
    fields: [...common, ['lastIncludedIndex', 'index'], ['offset', 'index'], ['installed', 'flag']],
  },
  timeoutNow: { tag: 9, fields: common },
  timeoutNowReply: { tag: 10, fields: common },
  readIndex: { tag: 11, fields: common },
  readIndexReply: { tag: 12, fields: [...common, ['success', 'flag'], ['readIndex', 'index']] },
  serviceRequest: {
    tag: 32,
    fields: [
      ['service', 'small'],
      ['body', 'bytes'],
    ],
  },
  serviceReply: {
    tag: 33,
    fields: [
      ['service', 'small'],
      ['body', 'bytes'],
    ],
  },
};

const fieldless: Readonly<Record<Kind, unknown>> = {
  ...{ index: 0, small: 0, flag: false, id: '' },
  ...{ bytes: new Uint8Array(0), entries: { firstIndex: 1, count: 0, bytes: new Uint8Array(0) } },
};

/** By tag: the type, and a message with nothing in it. Made from copies of that, all messages of a type have one shape in V8. */
const typeOfTag = new Map(
  Object.entries(layouts).map(([name, { tag, fields }]) => {
    const type = name as Message['type']; // the keys are just these
    const empty = Object.fromEntries(fields.map(([field, kind]) => [field, fieldless[kind]]));
    return [tag, { type, empty: { type, group: 0, ...empty } as Record<string, unknown> }];
  }),
);

const utf8 = new TextEncoder();
const headerBytes = 4;

/** Ids as bytes: those of the members come again and again. */
const knownIds = new Map<string, Uint8Array>();
const knownIdsMax = 64;

function bytesOfId(id: string): Uint8Array {
  let bytes = knownIds.get(id);
  if (!bytes) {
    bytes = utf8.encode(id);
    if (knownIds.size < knownIdsMax) knownIds.set(id, bytes);
  }
  return bytes;
}

// Byte by byte: Node's methods look at more than they read or write.

function putU48(bytes: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / 2 ** 32);
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  bytes[at + 4] = high;
  bytes[at + 5] = high >>> 8;
  return at + 6;
}

function getU48(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 2 ** 8 + (bytes[at + 2] ?? 0) * 2 ** 16;
  const middle = (bytes[at + 3] ?? 0) * 2 ** 24 + (bytes[at + 4] ?? 0) * 2 ** 32;
  return low + middle + (bytes[at + 5] ?? 0) * 2 ** 40;
}

/** The bytes of a message, in two parts so that entries and snapshots are not copied: the head, and what may be large. */
export function encodeParts(message: Message): [head: Uint8Array, tail: Uint8Array] {
  const { tag, fields } = layouts[message.type];
  const values = message as unknown as Record<string, unknown>; // the table knows the fields, the type the message
  let tail: Uint8Array = new Uint8Array(0);
  const head = Buffer.allocUnsafe(headSize(fields, values));
  head.writeUInt8(messageFormatVersion, 0);
  head.writeUInt8(tag, 1);
  head.writeUInt16LE(message.group, 2);
  let offset = headerBytes;
  for (const [name, kind] of fields) {
    const value = values[name];
    if (kind === 'index') offset = putU48(head, offset, value as number);
    else if (kind === 'small') offset = head.writeUInt16LE(value as number, offset);
    else if (kind === 'flag') offset = head.writeUInt8(value ? 1 : 0, offset);
    else if (kind === 'bytes') tail = value as Uint8Array;
    else if (kind === 'entries') {
      const entries = value as EntryBlock;
      offset = head.writeUInt32LE(entries.count, offset);
      tail = entries.bytes;
    } else {
      const id = bytesOfId(value as string);
      head[offset] = id.byteLength;
      head.set(id, offset + 1);
      offset += 1 + id.byteLength;
    }
  }
  return [head, tail];
}

function headSize(fields: Layout['fields'], values: Record<string, unknown>): number {
  let size = headerBytes;
  for (const [name, kind] of fields) {
    if (kind === 'index') size += 6;
    else if (kind === 'small') size += 2;
    else if (kind === 'flag') size += 1;
    else if (kind === 'entries') size += 4;
    else if (kind === 'id') size += 1 + bytesOfId(values[name] as string).byteLength;
  }
  return size;
}

/** The bytes of a request or a reply, ready for any transport. */
export function encode(message: Message): Uint8Array {
  validate(message);
  const [head, tail] = encodeParts(message);
  const bytes = new Uint8Array(head.byteLength + tail.byteLength);
  bytes.set(head);
  bytes.set(tail, head.byteLength);
  return bytes;
}

/**
 * The message that `encode` made the bytes from. Entries and snapshots are views of `bytes`.
 * @throws MalformedMessage
 */
export function decode(bytes: Uint8Array): Message {
  if (bytes.byteLength < headerBytes) throw new MalformedMessage(`${bytes.byteLength} bytes are no message.`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = buffer.readUInt8(0);
  if (version !== messageFormatVersion) {
    throw new MalformedMessage(
      `Message format ${version} is not known (this version speaks ${messageFormatVersion}): upgrade this node.`,
    );
  }
  const known = typeOfTag.get(buffer.readUInt8(1));
  if (known === undefined) throw new MalformedMessage(`Message tag ${buffer.readUInt8(1)} is not known.`);
  const { type, empty } = known;
  const values = { ...empty, group: buffer.readUInt16LE(2) } as Record<string, unknown>; // its fields follow
  try {
    let offset = headerBytes;
    for (const [name, kind] of layouts[type].fields) {
      if (kind === 'index') {
        if (offset + 6 > bytes.byteLength) throw new RangeError(`its ${name} is cut short`);
        values[name] = getU48(bytes, offset);
        offset += 6;
      } else if (kind === 'small') {
        values[name] = buffer.readUInt16LE(offset);
        offset += 2;
      } else if (kind === 'flag') {
        values[name] = buffer.readUInt8(offset) === 1;
        offset += 1;
      } else if (kind === 'id') {
        const end = offset + 1 + buffer.readUInt8(offset);
        if (end > bytes.byteLength) throw new RangeError('its id is cut short');
        values[name] = buffer.toString('utf8', offset + 1, end);
        offset = end;
      } else if (kind === 'entries') {
        const count = buffer.readUInt32LE(offset);
        const firstIndex = (values.prevLogIndex as number) + 1; // read before: the table's order
        values[name] = { firstIndex, count, bytes: bytes.subarray(offset + 4) };
        offset = bytes.byteLength;
      } else {
        values[name] = bytes.subarray(offset);
        offset = bytes.byteLength;
      }
    }
    if (offset !== bytes.byteLength) throw new RangeError(`${bytes.byteLength - offset} bytes are left over`);
  } catch (error) {
    throw new MalformedMessage(`A ${type} message cannot be read: ${(error as Error).message}.`);
  }
  const message = values as unknown as Message; // built by the table
  validate(message);
  return message;
}

/**
 * Checks plain data from outside before a machine sees it.
 * @throws MalformedMessage, naming the field
 */
export function validate(message: Message): void {
  const layout = layouts[message?.type];
  if (!layout) throw new MalformedMessage(`${describe(message?.type)} is no message type.`);
  const values = message as unknown as Record<string, unknown>; // just what is being checked
  if (!fits('small', values.group)) throw malformedField(message.type, 'group', values.group);
  for (const [name, kind] of layout.fields) {
    if (!fits(kind, values[name])) throw malformedField(message.type, name, values[name]);
  }
  if (message.type !== 'appendEntries') return;
  const { entries, prevLogIndex } = message;
  if (entries.firstIndex !== prevLogIndex + 1)
    throw malformedField(message.type, 'firstIndex', entries.firstIndex);
  let count: number;
  try {
    count = entryOffsets(entries.bytes, entries.firstIndex).length;
  } catch (error) {
    throw new MalformedMessage((error as Error).message);
  }
  if (count !== entries.count) throw malformedField(message.type, 'count', entries.count);
}

function fits(kind: Kind, value: unknown): boolean {
  if (kind === 'index') return isIndex(value);
  if (kind === 'small') return isIndex(value) && value < 2 ** 16;
  if (kind === 'flag') return typeof value === 'boolean';
  if (kind === 'bytes') return value instanceof Uint8Array;
  if (kind === 'id') {
    // Of so few UTF-16 units no UTF-8 is longer.
    if (typeof value !== 'string' || value.length === 0) return false;
    return value.length <= 85 || utf8.encode(value).byteLength < 256;
  }
  const entries = value as Partial<EntryBlock> | null | undefined; // each field is looked at
  return isIndex(entries?.firstIndex) && isIndex(entries?.count) && entries?.bytes instanceof Uint8Array;
}

function malformedField(type: string, name: string, value: unknown): MalformedMessage {
  return new MalformedMessage(`A ${type} message has ${describe(value)} as its ${name}.`);
}

function describe(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
