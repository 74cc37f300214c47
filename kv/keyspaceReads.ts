/** What is read of all keys: KEYS, SCAN and RANDOMKEY, each in the keys' own order, the same on every replica. */
import { compileGlob } from './glob.ts';
import { integerFrom, notAnInteger } from './integers.ts';
import type { Keyspace } from './keyspace.ts';
import { patternBytesMax, scanCountMax } from './limits.ts';
import { KvError, type Reply } from './operation.ts';
import { asBuffer } from './wire.ts';

const scanCountUsual = 10;
/** Below it, RANDOMKEY counts the keys; above it, hardly a bucket is empty. */
const keysCountedMax = 1000;

const syntaxError = new KvError('ERR', 'syntax error');
const invalidCursor = new KvError('ERR', 'invalid cursor');

/** KEYS pattern: looks at every key. */
export function keys(keyspace: Keyspace, pattern: Uint8Array): Reply {
  const matches = matcherOf(pattern);
  if (matches instanceof KvError) return matches;
  const found: Uint8Array[] = [];
  for (const key of keyspace.inOrder(0)) if (matches(key)) found.push(bytesOf(key));
  return found;
}

interface ScanOptions {
  readonly count: number;
  readonly matches: ((key: string) => boolean) | undefined;
}

/**
 * SCAN cursor with options: the bucket to go on with, 0 at the end, and the keys of those before it. A bucket is told as a
 * whole, so that nothing is lost when it changes between two calls.
 */
export function scan(keyspace: Keyspace, [cursor, ...words]: readonly Uint8Array[]): Reply {
  const place = cursor && cursorFrom(cursor);
  if (place === undefined) return invalidCursor;
  const options = scanOptionsFrom(words);
  if (options instanceof KvError) return options;
  const { count, matches } = options;
  const found: Uint8Array[] = [];
  let next = place;
  for (let looked = 0; looked < count; ) {
    const bucket = keyspace.bucketFrom(next);
    if (!bucket) return [bytesOf('0'), found];
    next = bucket.place + 1;
    looked += bucket.keys.length;
    for (const key of bucket.keys)
      if (keyspace.get(key) && matches?.(key) !== false) found.push(bytesOf(key));
  }
  return [bytesOf(keyspace.bucketFrom(next) ? String(next) : '0'), found];
}

/** RANDOMKEY. `chance`: a number from 0 to 1 that the client's node has drawn, so that every replica replies the same. */
export function randomKey(keyspace: Keyspace, chance: Uint8Array): Reply {
  const part = Math.min(Math.max(Number(asBuffer(chance).toString('latin1')) || 0, 0), 1);
  if (keyspace.size <= keysCountedMax) {
    const all = [...keyspace.inOrder(0)];
    const key = all[Math.min(Math.floor(part * all.length), all.length - 1)];
    return key === undefined ? null : bytesOf(key);
  }
  const start = keyspace.placeAt(part);
  for (const from of [start, 0]) {
    // What is left of the number chooses within the bucket.
    for (let bucket = keyspace.bucketFrom(from); bucket; bucket = keyspace.bucketFrom(bucket.place + 1)) {
      const there = bucket.keys.filter((key) => keyspace.get(key) !== undefined);
      const key = there[Math.floor(part * 2 ** 40) % there.length];
      if (key !== undefined) return bytesOf(key);
    }
  }
  return null;
}

function scanOptionsFrom(words: readonly Uint8Array[]): ScanOptions | KvError {
  let count = scanCountUsual;
  let pattern: Uint8Array | undefined;
  let isOfType = true;
  for (let at = 0; at < words.length; at += 2) {
    const [word, value] = [words[at], words[at + 1]];
    const name = word && word.byteLength < 8 ? asBuffer(word).toString('latin1').toUpperCase() : '';
    if (value === undefined) return syntaxError;
    if (name === 'COUNT') {
      const given = integerFrom(value);
      if (given === undefined) return notAnInteger;
      if (given < 1n) return syntaxError;
      count = Number(given);
    } else if (name === 'MATCH') pattern = value;
    else if (name === 'TYPE') isOfType = asBuffer(value).toString('latin1').toLowerCase() === 'string';
    else return syntaxError;
  }
  const matches = pattern && matcherOf(pattern);
  if (matches instanceof KvError) return matches;
  return { count: Math.min(count, scanCountMax), matches: isOfType ? matches : () => false };
}

/** A place that is none is behind the last one. */
function cursorFrom(bytes: Uint8Array): number | undefined {
  const text = bytes.byteLength > 20 ? '' : asBuffer(bytes).toString('latin1');
  return /^\d+$/.test(text) && BigInt(text) < 2n ** 64n ? Number(text) : undefined;
}

/** Tells which names a pattern describes. */
export function matcherOf(pattern: Uint8Array): ((key: string) => boolean) | KvError {
  const matches = compileGlob(asBuffer(pattern).toString('latin1'));
  const { byteLength } = pattern;
  return (
    matches ?? new KvError('ERR', `a pattern of ${byteLength} bytes is over the limit of ${patternBytesMax}`)
  );
}

function bytesOf(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}
