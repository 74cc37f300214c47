/** What the commands that only read reply. */
import type { Keyspace } from './keyspace.ts';
import { keys, randomKey, scan } from './keyspaceReads.ts';
import { KvError, type Operation, OperationCode, type Reply, Status } from './operation.ts';
import { getRange } from './ranges.ts';
import { keyOf } from './store/store.ts';

const stringType = new Status('string');
const noType = new Status('none');

/** As Redis has it, in place of a time: there is no such key, or it has no deadline. */
const noKey = -2;
const noDeadline = -1;

/**
 * Answers a query as of `time` (ms since the Unix epoch), which may be ahead of log time; undefined if a deadline lies
 * between the two, which log time must pass first.
 */
export function answer(keyspace: Keyspace, time: number, { code, args }: Operation): Reply | undefined {
  if (keyspace.nextDeadline <= time && isOverdue(keyspace, time, code, args)) return undefined;
  const [first = new Uint8Array(0)] = args;
  const key = keyOf(first);
  switch (code) {
    case OperationCode.get:
      return keyspace.get(key)?.value ?? null;
    case OperationCode.exists:
      return args.filter((arg) => keyspace.get(keyOf(arg))).length;
    case OperationCode.strlen:
      return keyspace.get(key)?.valueBytes ?? 0;
    case OperationCode.getrange:
      return getRange(keyspace, key, args.slice(1));
    case OperationCode.type:
      return keyspace.get(key) ? stringType : noType;
    case OperationCode.keys:
      return keys(keyspace, first);
    case OperationCode.scan:
      return scan(keyspace, args);
    case OperationCode.randomkey:
      return randomKey(keyspace, first);
    case OperationCode.versions:
      return args.map((arg) => keyspace.versionOf(keyOf(arg)));
    case OperationCode.mget:
      return args.map((arg) => keyspace.get(keyOf(arg))?.value ?? null);
    case OperationCode.ttl:
      return timeOf(keyspace, key, (deadline) => inSeconds(deadline - time));
    case OperationCode.pttl:
      return timeOf(keyspace, key, (deadline) => deadline - time);
    case OperationCode.expiretime:
      return timeOf(keyspace, key, inSeconds);
    case OperationCode.pexpiretime:
      return timeOf(keyspace, key, (deadline) => deadline);
    default:
      return new KvError('Err', `operation ${code} is no read that this version knows`);
  }
}

/** A key that is read, or of those that look at all of them any key, has a deadline that log time must pass first. */
function isOverdue(
  keyspace: Keyspace,
  time: number,
  code: OperationCode,
  args: readonly Uint8Array[],
): boolean {
  switch (code) {
    case OperationCode.keys:
    case OperationCode.scan:
    case OperationCode.randomkey:
      return keyspace.mayBeOverdue(time);
    case OperationCode.getrange:
      return keyspace.isOverdue(keyOf(args[0] ?? new Uint8Array(0)), time);
    default:
      return args.some((key) => keyspace.isOverdue(keyOf(key), time));
  }
}

function timeOf(keyspace: Keyspace, key: string, told: (deadline: number) => number): number {
  const item = keyspace.get(key);
  if (!item) return noKey;
  return item.deadline === undefined ? noDeadline : told(item.deadline);
}

/** Rounded to the nearest, as Redis does. */
function inSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}
