/** GETRANGE, SETRANGE and APPEND: parts of a value, by their place in it. */
import { integerFrom, notAnInteger } from './integers.ts';
import type { Keyspace } from './keyspace.ts';
import { valueBytesMax } from './limits.ts';
import { KvError, type Reply } from './operation.ts';

const nothing = new Uint8Array(0);
const outOfRange = new KvError('ERR', 'offset is out of range');
const tooLong = new KvError('ERR', 'string exceeds maximum allowed size (proto-max-bulk-len)');

/** From `start` to `end`, both included; negative places count from the end. */
export function getRange(
  keyspace: Keyspace,
  key: string,
  [start, end]: readonly (Uint8Array | undefined)[],
): Reply {
  const bounds = [integerFrom(start), integerFrom(end)];
  const [from, to] = bounds;
  if (from === undefined || to === undefined) return notAnInteger;
  const value = keyspace.get(key)?.value ?? nothing;
  if (from < 0n && to < 0n && from > to) return nothing;
  const size = BigInt(value.byteLength);
  const placeOf = (place: bigint): number => {
    const fromStart = place < 0n ? size + place : place;
    return Number(fromStart < 0n ? 0n : fromStart > size ? size : fromStart);
  };
  return value.subarray(placeOf(from), Math.max(placeOf(from), placeOf(to) + 1));
}

/** Adds to the end of a value, or makes one. The reply is the new length. */
export function append(keyspace: Keyspace, key: string, part: Uint8Array): Reply {
  const item = keyspace.get(key);
  const old = item?.value ?? nothing;
  // What grows bit by bit is bounded like what comes at once.
  if (old.byteLength + part.byteLength > valueBytesMax) return tooLong;
  const value = new Uint8Array(old.byteLength + part.byteLength);
  value.set(old);
  value.set(part, old.byteLength);
  keyspace.put('append', key, value, item?.deadline);
  return value.byteLength;
}

/** Overwrites from `offset` on; what lies between the old end and there becomes zeros. The reply is the new length. */
export function setRange(
  keyspace: Keyspace,
  key: string,
  [offset, part = nothing]: readonly (Uint8Array | undefined)[],
): Reply {
  const start = integerFrom(offset);
  if (start === undefined) return notAnInteger;
  if (start < 0n) return outOfRange;
  const item = keyspace.get(key);
  const old = item?.value ?? nothing;
  if (part.byteLength === 0) return old.byteLength;
  // A few bytes far behind the end would take as much memory as a whole value.
  if (start + BigInt(part.byteLength) > BigInt(valueBytesMax)) return tooLong;
  const end = Number(start) + part.byteLength;
  const value = new Uint8Array(Math.max(old.byteLength, end));
  value.set(old);
  value.set(part, Number(start));
  keyspace.put('setrange', key, value, item?.deadline);
  return value.byteLength;
}
