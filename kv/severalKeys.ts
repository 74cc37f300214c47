/** MSET and MSETNX: several keys at once, all of them or none. */
import type { Keyspace } from './keyspace.ts';
import { KvError, ok, type Reply } from './operation.ts';
import { keyOf } from './store/store.ts';

/** `args`: a key, its value, the next key, ... Of a key that is given twice the last value counts. */
export function setSeveral(keyspace: Keyspace, args: readonly Uint8Array[]): Reply {
  if (args.length % 2 !== 0) return oddArguments('mset');
  args.forEach((arg, at) => {
    if (at % 2 === 1) keyspace.put('set', keyOf(args[at - 1] ?? arg), arg);
  });
  return ok;
}

/** Only if none of the keys is there; 1 if so, else 0. */
export function setSeveralNew(keyspace: Keyspace, args: readonly Uint8Array[]): Reply {
  if (args.length % 2 !== 0) return oddArguments('msetnx');
  const isThere = args.some((arg, at) => at % 2 === 0 && keyspace.get(keyOf(arg)) !== undefined);
  if (isThere) return 0;
  setSeveral(keyspace, args);
  return 1;
}

function oddArguments(command: string): KvError {
  return new KvError('ERR', `wrong number of arguments for '${command}' command`);
}
