/** RENAME, COPY and FLUSHALL: what is done to keys as a whole. A value keeps its deadline under another name. */
import { integerFrom, notAnInteger } from './integers.ts';
import type { Keyspace } from './keyspace.ts';
import { KvError, ok, type Reply } from './operation.ts';
import type { Item } from './store/item.ts';
import { keyOf } from './store/store.ts';
import { asBuffer } from './wire.ts';

const nothing = new Uint8Array(0);
const noSuchKey = new KvError('ERR', 'no such key');
const syntaxError = new KvError('ERR', 'syntax error');
const noSuchDatabase = new KvError('ERR', 'DB index is out of range');
const sameObject = new KvError('ERR', 'source and destination objects are the same');

/** RENAME; the reply of RENAMENX, which takes no name that is taken, is a number. */
export function rename(
  keyspace: Keyspace,
  [source = nothing, destination = nothing]: readonly Uint8Array[],
  onlyIfNew: boolean,
): Reply {
  const [from, to] = [keyOf(source), keyOf(destination)];
  const item = keyspace.get(from);
  if (!item) return noSuchKey;
  if (onlyIfNew && keyspace.get(to)) return 0;
  if (from !== to) {
    place(keyspace, to, item);
    keyspace.delete(from);
    keyspace.audience.keyChanged?.('rename_from', from);
    keyspace.audience.keyChanged?.('rename_to', to);
  }
  return onlyIfNew ? 1 : ok;
}

/** COPY source destination [DB 0] [REPLACE]: 1 if it was copied, else 0. */
export function copy(
  keyspace: Keyspace,
  [source = nothing, destination = nothing, ...words]: readonly Uint8Array[],
): Reply {
  let replaces = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = wordFrom(words[at]);
    if (word === 'REPLACE') replaces = true;
    else if (word === 'DB' && at + 1 < words.length) {
      at += 1;
      const database = integerFrom(words[at]);
      if (database === undefined) return notAnInteger;
      if (database !== 0n) return noSuchDatabase;
    } else return syntaxError;
  }
  const [from, to] = [keyOf(source), keyOf(destination)];
  if (from === to) return sameObject;
  const item = keyspace.get(from);
  if (!item || (keyspace.get(to) && !replaces)) return 0;
  place(keyspace, to, item);
  keyspace.audience.keyChanged?.('copy_to', to);
  return 1;
}

/** FLUSHALL and FLUSHDB, with ASYNC or SYNC, which make no difference. */
export function flush(keyspace: Keyspace, words: readonly Uint8Array[]): Reply {
  const word = wordFrom(words[0]);
  if (words.length > 1 || (words.length === 1 && word !== 'ASYNC' && word !== 'SYNC')) return syntaxError;
  keyspace.clear();
  return ok;
}

/** Where another key has the name, Redis tells of a new one all the same. */
function place(keyspace: Keyspace, key: string, item: Item): void {
  if (keyspace.get(key)) keyspace.audience.keyChanged?.('new', key);
  keyspace.set(key, item.value, item.deadline);
}

function wordFrom(bytes: Uint8Array | undefined): string {
  return bytes === undefined || bytes.byteLength > 16 ? '' : asBuffer(bytes).toString('latin1').toUpperCase();
}
