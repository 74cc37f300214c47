/** Options and times of day as the arguments of commands give them, with Redis' own rules and complaints. */
import { integerFrom, notAnInteger } from './integers.ts';
import { KvError } from './operation.ts';
import { asBuffer } from './wire.ts';

/** When a key is to expire: so many seconds or ms from now, or at a time since the Unix epoch in either. */
export interface Expiry {
  readonly unit: 'EX' | 'PX' | 'EXAT' | 'PXAT';
  /** A number, as it was given. */
  readonly amount: Uint8Array | undefined;
}

/** What stands behind the value of SET, or behind the key of GETEX. */
export interface StringOptions {
  /** SET has an effect only if the key is missing (NX), or there (XX). */
  condition?: 'NX' | 'XX';
  /** SET replies with the old value. */
  returnsOld?: boolean;
  keepsDeadline?: boolean;
  /** GETEX takes the deadline away. */
  persists?: boolean;
  expiry?: Expiry;
}

/** What stands behind the time of EXPIRE and its like. */
export interface ExpireOptions {
  readonly amount: bigint;
  readonly conditions: ReadonlySet<string>;
}

/** Redis counts in 64 bits. */
const int64Max = 2n ** 63n - 1n;
const secondsMax = int64Max / 1000n;
/** Deadlines are kept as the doubles that they are computed in: up to 285,000 years ahead. */
const deadlineMax = BigInt(Number.MAX_SAFE_INTEGER);

export const syntaxError = new KvError('ERR', 'syntax error');

function invalidTime(command: string): KvError {
  return new KvError('ERR', `invalid expire time in '${command}' command`);
}

function wordFrom(bytes: Uint8Array): string {
  return bytes.byteLength > 16 ? '' : asBuffer(bytes).toString('latin1').toUpperCase();
}

/**
 * The options of SET, or of GETEX. As in Redis, one that is given twice counts as the last of them says, and one that
 * excludes another may not stand behind it.
 */
export function stringOptionsFrom(
  command: 'set' | 'getex',
  words: readonly Uint8Array[],
): StringOptions | KvError {
  const options: StringOptions = {};
  const isSet = command === 'set';
  for (let at = 0; at < words.length; at += 1) {
    const word = wordFrom(words[at] ?? new Uint8Array(0));
    const { condition, expiry } = options;
    const isTimeless = !expiry && !options.keepsDeadline && !options.persists;
    if (isSet && (word === 'NX' || word === 'XX') && (condition ?? word) === word) options.condition = word;
    else if (isSet && word === 'GET') options.returnsOld = true;
    else if (isSet && word === 'KEEPTTL' && !expiry) options.keepsDeadline = true;
    else if (!isSet && word === 'PERSIST' && !expiry) options.persists = true;
    else if (isUnit(word) && (isTimeless || expiry?.unit === word) && at + 1 < words.length) {
      at += 1;
      options.expiry = { unit: word, amount: words[at] };
    } else return syntaxError;
  }
  return options;
}

function isUnit(word: string): word is Expiry['unit'] {
  return word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT';
}

/** The deadline, ms since the Unix epoch, that an option or an argument sets at `now`. */
export function deadlineFrom({ unit, amount }: Expiry, now: number, command: string): number | KvError {
  const value = integerFrom(amount);
  if (value === undefined) return notAnInteger;
  return value > 0n ? deadlineAt(value, unit, now, command) : invalidTime(command);
}

/** The same for EXPIRE and its like, whose deadline may lie in the past. */
export function deadlineAt(
  value: bigint,
  unit: Expiry['unit'],
  now: number,
  command: string,
): number | KvError {
  const isInSeconds = unit === 'EX' || unit === 'EXAT';
  if (isInSeconds && (value > secondsMax || value < -secondsMax)) return invalidTime(command);
  const since = unit === 'EX' || unit === 'PX' ? BigInt(now) : 0n;
  const deadline = (isInSeconds ? value * 1000n : value) + since;
  return deadline > deadlineMax ? invalidTime(command) : Number(deadline);
}

/** What stands behind the key of EXPIRE and its like. */
export function expireOptionsFrom([amount, ...words]: readonly Uint8Array[]): ExpireOptions | KvError {
  const conditions = new Set<string>();
  for (const bytes of words) {
    const word = wordFrom(bytes);
    if (!['NX', 'XX', 'GT', 'LT'].includes(word)) {
      return new KvError('ERR', `Unsupported option ${asBuffer(bytes).toString()}`);
    }
    conditions.add(word);
  }
  if (conditions.has('NX') && conditions.size > 1) {
    return new KvError('ERR', 'NX and XX, GT or LT options at the same time are not compatible');
  }
  if (conditions.has('GT') && conditions.has('LT')) {
    return new KvError('ERR', 'GT and LT options at the same time are not compatible');
  }
  const value = integerFrom(amount);
  return value === undefined ? notAnInteger : { amount: value, conditions };
}

/** Whether the conditions let the deadline of a key, Infinity if it has none, be replaced. */
export function mayReplace(current: number, deadline: number, conditions: ReadonlySet<string>): boolean {
  const hasOne = current !== Number.POSITIVE_INFINITY;
  if (conditions.has('NX') && hasOne) return false;
  if (conditions.has('XX') && !hasOne) return false;
  if (conditions.has('GT') && deadline <= current) return false;
  return !(conditions.has('LT') && deadline >= current);
}
