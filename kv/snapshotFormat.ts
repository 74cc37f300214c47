/**
 * A snapshot of the key/value state as a stream of chunks: a header, then records of the log time, of sessions and of keys.
 *
 * Little-endian. Header: u8 format version. Record: u8 kind, u32 length, content. Time: u48 ms since the Unix epoch. Key:
 * u32 key length, f64 deadline (0: none), u48 log index of its last change, key, value. Session: u48 id, u48 last sequence, u48 ms that it may be silent, f64
 * deadline, then each reply kept as u48 sequence and the reply.
 */
import type { Item, Keyspace } from './keyspace.ts';
import type { LogTime } from './logTime.ts';
import type { Reply } from './operation.ts';
import { readReply, replyBytes, writeReply } from './replyFormat.ts';
import type { Session, Sessions } from './sessions.ts';
import { asBuffer, MalformedKvMessage } from './wire.ts';

const snapshotFormatVersion = 3;
const RecordKind = { key: 0, session: 1, time: 2 } as const;
const recordHeaderBytes = 5;
const keyHeaderBytes = 18;
const sessionHeaderBytes = 26;
/** Records are gathered into chunks of about this size. */
const chunkBytes = 64 * 1024;

/** What a snapshot is written from, and read into. */
export interface SnapshotParts {
  readonly time: LogTime;
  readonly keyspace: Keyspace;
  readonly sessions: Sessions;
}

/** The view is taken when the first chunk is, and given back with the last or when the generator is closed. */
export function* writeSnapshot({
  time,
  keyspace,
  sessions,
}: SnapshotParts): Generator<Uint8Array, void, void> {
  const view = keyspace.openView();
  try {
    // Sessions and the time change as long as the snapshot is being written: their records are made now.
    const ownRecords = [...sessions.entries()].map(([id, session]) => sessionRecord(id, session));
    ownRecords.unshift(timeRecord(time.now));
    let gathered: Uint8Array[] = [Uint8Array.of(snapshotFormatVersion)];
    let size = 0;
    for (const record of recordsOf(ownRecords, view.entries)) {
      gathered.push(record);
      size += record.byteLength;
      if (size < chunkBytes) continue;
      yield Buffer.concat(gathered);
      gathered = [];
      size = 0;
    }
    if (gathered.length > 0) yield Buffer.concat(gathered);
  } finally {
    view.close();
  }
}

function* recordsOf(
  ownRecords: readonly Uint8Array[],
  keys: Iterable<readonly [string, Item | null]>,
): Generator<Uint8Array, void, void> {
  yield* ownRecords;
  for (const [key, item] of keys) if (item !== null) yield keyRecord(key, item);
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

function timeRecord(time: number): Uint8Array {
  const record = Buffer.alloc(recordHeaderBytes + 6);
  record[0] = RecordKind.time;
  record.writeUInt32LE(6, 1);
  record.writeUIntLE(time, recordHeaderBytes, 6);
  return record;
}

function keyRecord(key: string, { value, version, due }: Item): Uint8Array {
  const size = keyHeaderBytes + key.length + value.byteLength;
  const record = Buffer.allocUnsafe(recordHeaderBytes + size);
  record[0] = RecordKind.key;
  record.writeUInt32LE(size, 1);
  record.writeUInt32LE(key.length, recordHeaderBytes);
  record.writeDoubleLE(due?.deadline ?? 0, recordHeaderBytes + 4);
  record.writeUIntLE(version, recordHeaderBytes + 12, 6);
  record.write(key, recordHeaderBytes + keyHeaderBytes, 'latin1');
  record.set(value, recordHeaderBytes + keyHeaderBytes + key.length);
  return record;
}

function sessionRecord(id: number, { last, idleMsMax, due, replies }: Session): Uint8Array {
  let size = sessionHeaderBytes;
  for (const reply of replies.values()) size += 6 + replyBytes(reply);
  const record = Buffer.allocUnsafe(recordHeaderBytes + size);
  record[0] = RecordKind.session;
  record.writeUInt32LE(size, 1);
  record.writeUIntLE(id, recordHeaderBytes, 6);
  record.writeUIntLE(last, recordHeaderBytes + 6, 6);
  record.writeUIntLE(idleMsMax, recordHeaderBytes + 12, 6);
  record.writeDoubleLE(due.deadline, recordHeaderBytes + 18);
  let offset = recordHeaderBytes + sessionHeaderBytes;
  for (const [sequence, reply] of replies) {
    offset = writeReply(record, record.writeUIntLE(sequence, offset, 6), reply);
  }
  return record;
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
    const value = Uint8Array.from(content.subarray(keyEnd));
    keyspace.set(key, value, content.readDoubleLE(4) || undefined, content.readUIntLE(12, 6));
  } else if (kind === RecordKind.session) {
    const replies = new Map<number, Reply>();
    const at = { offset: sessionHeaderBytes };
    while (at.offset < content.byteLength) {
      const sequence = content.readUIntLE(at.offset, 6);
      at.offset += 6;
      const reply = readReply(content, at);
      replies.set(sequence, reply instanceof Uint8Array ? reply.slice() : reply);
    }
    sessions.restore(content.readUIntLE(0, 6), {
      ...{ last: content.readUIntLE(6, 6), idleMsMax: content.readUIntLE(12, 6) },
      ...{ deadline: content.readDoubleLE(18), replies },
    });
  } else {
    throw new MalformedKvMessage(`Snapshot record kind ${kind} is not known: upgrade this node.`);
  }
}
