/** INCR and its like: numbers that are counted up or down. The deadline of the key stays. */
import { addExtended, formatExtended, parseExtended } from './extendedFloat.ts';
import { fitsInteger, integerFrom, integerReply, notAnInteger } from './integers.ts';
import type { Keyspace } from './keyspace.ts';
import { KvError, type Reply } from './operation.ts';
import { asBuffer } from './wire.ts';

const int64Min = -(2n ** 63n);

const wouldOverflow = new KvError('ERR', 'increment or decrement would overflow');
const decrementWouldOverflow = new KvError('ERR', 'decrement would overflow');
const notAFloat = new KvError('ERR', 'value is not a valid float');
const wouldBeInfinite = new KvError('ERR', 'increment would produce NaN or Infinity');

/** INCRBY, or DECRBY with `sign` -1. */
export function countBy(
  keyspace: Keyspace,
  key: string,
  amount: Uint8Array | undefined,
  sign: 1n | -1n,
): Reply {
  const by = integerFrom(amount);
  if (by === undefined) return notAnInteger;
  return sign === -1n && by === int64Min ? decrementWouldOverflow : count(keyspace, key, sign * by);
}

/** INCR and DECR. A missing key counts as 0. */
export function count(keyspace: Keyspace, key: string, by: bigint): Reply {
  const item = keyspace.get(key);
  const old = item ? integerFrom(item.value) : 0n;
  if (old === undefined) return notAnInteger;
  const sum = old + by;
  if (!fitsInteger(sum)) return wouldOverflow;
  keyspace.put('incrby', key, Buffer.from(String(sum)), item?.deadline);
  return integerReply(sum);
}

/** INCRBYFLOAT. The reply is what the key holds then. */
export function countByFloat(keyspace: Keyspace, key: string, amount: Uint8Array | undefined): Reply {
  const item = keyspace.get(key);
  const old = item ? floatFrom(item.value) : floatFrom(Buffer.from('0'));
  const by = amount && floatFrom(amount);
  if (old === undefined || by === undefined) return notAFloat;
  const sum = old === 'infinite' || by === 'infinite' ? 'infinite' : addExtended(old, by);
  if (sum === 'infinite') return wouldBeInfinite;
  const value = Buffer.from(formatExtended(sum));
  keyspace.put('incrbyfloat', key, value, item?.deadline);
  return value;
}

function floatFrom(bytes: Uint8Array) {
  return parseExtended(asBuffer(bytes).toString('latin1'));
}
