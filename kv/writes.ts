/** What the commands that change keys do. Where Redis has a command of the name, they do what it does. */
import { count, countBy, countByFloat } from './counters.ts';
import {
  deadlineAt,
  deadlineFrom,
  type Expiry,
  expireOptionsFrom,
  mayReplace,
  stringOptionsFrom,
} from './expiryArguments.ts';
import type { Keyspace } from './keyspace.ts';
import { copy, flush, rename } from './keyWrites.ts';
import { KvError, type Operation, OperationCode, ok, type Reply } from './operation.ts';
import { append, setRange } from './ranges.ts';
import { setSeveral, setSeveralNew } from './severalKeys.ts';
import type { Item } from './store/item.ts';
import { keyOf } from './store/store.ts';

const nothing = new Uint8Array(0);

/** The unit that each command of a time takes. */
const unitOf = {
  setex: 'EX',
  psetex: 'PX',
  expire: 'EX',
  pexpire: 'PX',
  expireat: 'EXAT',
  pexpireat: 'PXAT',
} as const satisfies Record<string, Expiry['unit']>;

/** Executes a command at log time `now`; its reply. */
export function execute(keyspace: Keyspace, now: number, { code, args }: Operation): Reply {
  const first = args[0] ?? nothing;
  const key = keyOf(first);
  const second = args[1] ?? nothing;
  switch (code) {
    case OperationCode.put:
      if (args.length > 2) return setWithOptions(keyspace, now, args);
      keyspace.put('set', key, second);
      return ok;
    case OperationCode.append:
      return append(keyspace, key, second);
    case OperationCode.del: {
      let deleted = 0;
      for (const arg of args) if (keyspace.remove(keyOf(arg))) deleted += 1;
      return deleted;
    }
    case OperationCode.setnx:
      if (keyspace.get(key)) return 0;
      keyspace.put('set', key, second);
      return 1;
    case OperationCode.setex:
      return setWithDeadline(keyspace, now, 'setex', args);
    case OperationCode.psetex:
      return setWithDeadline(keyspace, now, 'psetex', args);
    case OperationCode.getset: {
      const old = keyspace.get(key);
      keyspace.put('set', key, second);
      return old?.value ?? null;
    }
    case OperationCode.getdel: {
      const old = keyspace.get(key);
      keyspace.remove(key);
      return old?.value ?? null;
    }
    case OperationCode.getex:
      return getWithOptions(keyspace, now, args);
    case OperationCode.expire:
      return expire(keyspace, now, 'expire', args);
    case OperationCode.pexpire:
      return expire(keyspace, now, 'pexpire', args);
    case OperationCode.expireat:
      return expire(keyspace, now, 'expireat', args);
    case OperationCode.pexpireat:
      return expire(keyspace, now, 'pexpireat', args);
    case OperationCode.persist: {
      const item = keyspace.get(key);
      return item && persist(keyspace, key, item) ? 1 : 0;
    }
    case OperationCode.incr:
      return count(keyspace, key, 1n);
    case OperationCode.decr:
      return count(keyspace, key, -1n);
    case OperationCode.incrby:
      return countBy(keyspace, key, second, 1n);
    case OperationCode.decrby:
      return countBy(keyspace, key, second, -1n);
    case OperationCode.incrbyfloat:
      return countByFloat(keyspace, key, second);
    case OperationCode.mset:
      return setSeveral(keyspace, args);
    case OperationCode.msetnx:
      return setSeveralNew(keyspace, args);
    case OperationCode.setrange:
      return setRange(keyspace, key, args.slice(1));
    case OperationCode.rename:
      return rename(keyspace, args, false);
    case OperationCode.renamenx:
      return rename(keyspace, args, true);
    case OperationCode.copy:
      return copy(keyspace, args);
    case OperationCode.flush:
      return flush(keyspace, args);
    case OperationCode.publish:
      keyspace.audience.published?.(first, second);
      // How many heard it, each node knows of itself alone: it is no part of what is replicated.
      return ok;
    default:
      return new KvError('Err', `operation ${code} is no write that this version knows`);
  }
}

/** SET key value with options. */
function setWithOptions(
  keyspace: Keyspace,
  now: number,
  [first = nothing, value = nothing, ...words]: readonly Uint8Array[],
): Reply {
  const options = stringOptionsFrom('set', words);
  if (options instanceof KvError) return options;
  const { condition, returnsOld, keepsDeadline, expiry } = options;
  const deadline = expiry && deadlineFrom(expiry, now, 'set');
  if (deadline instanceof KvError) return deadline;
  const key = keyOf(first);
  const old = keyspace.get(key);
  const isMet = condition === undefined || (condition === 'XX') === (old !== undefined);
  if (isMet && keepsDeadline) keyspace.put('set', key, value, old?.deadline);
  else if (isMet) setUntil(keyspace, now, key, value, deadline);
  if (returnsOld) return old?.value ?? null;
  return isMet ? ok : null;
}

/** SETEX and PSETEX: key, time, value. */
function setWithDeadline(
  keyspace: Keyspace,
  now: number,
  command: 'setex' | 'psetex',
  [key = nothing, amount, value = nothing]: readonly Uint8Array[],
): Reply {
  const deadline = deadlineFrom({ unit: unitOf[command], amount }, now, command);
  if (deadline instanceof KvError) return deadline;
  setUntil(keyspace, now, keyOf(key), value, deadline);
  return ok;
}

/** GETEX key with options. A missing key is told before a wrong time is. */
function getWithOptions(
  keyspace: Keyspace,
  now: number,
  [first = nothing, ...words]: readonly Uint8Array[],
): Reply {
  const options = stringOptionsFrom('getex', words);
  if (options instanceof KvError) return options;
  const key = keyOf(first);
  const item = keyspace.get(key);
  if (!item) return null;
  const deadline = options.expiry && deadlineFrom(options.expiry, now, 'getex');
  if (deadline instanceof KvError) return deadline;
  if (deadline !== undefined) limit(keyspace, now, key, item, deadline);
  else if (options.persists) persist(keyspace, key, item);
  return item.value;
}

/** EXPIRE and its like: key, time, conditions. */
function expire(
  keyspace: Keyspace,
  now: number,
  command: 'expire' | 'pexpire' | 'expireat' | 'pexpireat',
  [first = nothing, ...args]: readonly Uint8Array[],
): Reply {
  const options = expireOptionsFrom(args);
  if (options instanceof KvError) return options;
  const deadline = deadlineAt(options.amount, unitOf[command], now, command);
  if (deadline instanceof KvError) return deadline;
  const key = keyOf(first);
  const item = keyspace.get(key);
  if (!item) return 0;
  const current = item.deadline ?? Number.POSITIVE_INFINITY;
  if (!mayReplace(current, deadline, options.conditions)) return 0;
  limit(keyspace, now, key, item, deadline);
  return 1;
}

/** Sets a value. A deadline that has passed already leaves nothing, and Redis tells of it as of any that passes. */
function setUntil(
  keyspace: Keyspace,
  now: number,
  key: string,
  value: Uint8Array,
  deadline: number | undefined,
): void {
  keyspace.put('set', key, value, deadline);
  if (deadline === undefined) return;
  keyspace.audience.keyChanged?.('expire', key);
  if (deadline <= now) keyspace.delete(key);
}

/** Gives a key a deadline; one that has passed already deletes it. */
function limit(keyspace: Keyspace, now: number, key: string, item: Item, deadline: number): void {
  if (deadline <= now) keyspace.remove(key);
  else keyspace.put('expire', key, item.value, deadline);
}

/** Takes a key's deadline away; whether it had one. */
function persist(keyspace: Keyspace, key: string, item: Item): boolean {
  const had = item.deadline !== undefined;
  if (had) keyspace.put('persist', key, item.value);
  return had;
}
