/** The commands that give keys a deadline, take it away, and tell it. */
import {
  deadlineAt,
  deadlineFrom,
  type Expiry,
  expireOptionsFrom,
  stringOptionsFrom,
} from '../expiryArguments.ts';
import { KvError, OperationCode } from '../operation.ts';
import type { DataCommand } from './command.ts';

/** What is wrong with a command's time whatever the time is: the service finds the rest when it executes it. */
function refusalOf(result: unknown): KvError | undefined {
  return result instanceof KvError ? result : undefined;
}

export function refuseSet([, , ...words]: readonly Uint8Array[]): KvError | undefined {
  if (words.length === 0) return undefined;
  const options = stringOptionsFrom('set', words);
  if (options instanceof KvError) return options;
  return options.expiry && refusalOf(deadlineFrom(options.expiry, 0, 'set'));
}

/** A wrong time is told only of a key that is there. */
function refuseGetex([, ...words]: readonly Uint8Array[]): KvError | undefined {
  return refusalOf(stringOptionsFrom('getex', words));
}

const oneKey = [1, 1, 1] as const;

/** SETEX and PSETEX. */
function settingUntil(
  name: string,
  code: OperationCode,
  unit: Expiry['unit'],
  facts: Pick<DataCommand, 'summary' | 'since'>,
): DataCommand {
  return {
    ...{ name, code, arity: 4, keys: oneKey, group: 'string', ...facts },
    refuse: ([, amount]) => refusalOf(deadlineFrom({ unit, amount }, 0, name)),
    flags: ['write', 'denyoom'],
    categories: ['@write', '@string', '@slow'],
  };
}

/** EXPIRE and its like. */
function expiring(
  name: string,
  code: OperationCode,
  unit: Expiry['unit'],
  facts: Pick<DataCommand, 'summary' | 'since'>,
): DataCommand {
  return {
    ...{ name, code, arity: -3, keys: oneKey, group: 'generic', ...facts },
    refuse: ([, ...args]) => {
      const options = expireOptionsFrom(args);
      return options instanceof KvError ? options : refusalOf(deadlineAt(options.amount, unit, 0, name));
    },
    flags: ['write', 'fast'],
    categories: ['@keyspace', '@write', '@fast'],
  };
}

/** TTL and its like. */
function telling(name: string, code: OperationCode, since: string, summary: string): DataCommand {
  return {
    ...{ name, code, arity: 2, keys: oneKey, group: 'generic', since, summary },
    flags: ['readonly', 'fast'],
    categories: ['@keyspace', '@read', '@fast'],
  };
}

export const expiryCommands: readonly DataCommand[] = [
  settingUntil('setex', OperationCode.setex, 'EX', {
    summary: 'Sets the value of a key and the seconds until it expires.',
    since: '2.0.0',
  }),
  settingUntil('psetex', OperationCode.psetex, 'PX', {
    summary: 'Sets the value of a key and the milliseconds until it expires.',
    since: '2.6.0',
  }),
  {
    name: 'getex',
    arity: -2,
    code: OperationCode.getex,
    refuse: refuseGetex,
    flags: ['write', 'fast'],
    categories: ['@write', '@string', '@fast'],
    keys: oneKey,
    summary: 'Returns the value of a key, and sets or takes away when it expires.',
    since: '6.2.0',
    group: 'string',
  },
  expiring('expire', OperationCode.expire, 'EX', {
    summary: 'Sets the seconds until a key expires.',
    since: '1.0.0',
  }),
  expiring('pexpire', OperationCode.pexpire, 'PX', {
    summary: 'Sets the milliseconds until a key expires.',
    since: '2.6.0',
  }),
  expiring('expireat', OperationCode.expireat, 'EXAT', {
    summary: 'Sets when a key expires, in seconds of Unix time.',
    since: '1.2.0',
  }),
  expiring('pexpireat', OperationCode.pexpireat, 'PXAT', {
    summary: 'Sets when a key expires, in milliseconds of Unix time.',
    since: '2.6.0',
  }),
  {
    name: 'persist',
    arity: 2,
    code: OperationCode.persist,
    flags: ['write', 'fast'],
    categories: ['@keyspace', '@write', '@fast'],
    keys: oneKey,
    summary: 'Takes away when a key expires.',
    since: '2.2.0',
    group: 'generic',
  },
  telling('ttl', OperationCode.ttl, '1.0.0', 'Tells the seconds until a key expires.'),
  telling('pttl', OperationCode.pttl, '2.6.0', 'Tells the milliseconds until a key expires.'),
  telling(
    'expiretime',
    OperationCode.expiretime,
    '7.0.0',
    'Tells when a key expires, in seconds of Unix time.',
  ),
  telling(
    'pexpiretime',
    OperationCode.pexpiretime,
    '7.0.0',
    'Tells when a key expires, in milliseconds of Unix time.',
  ),
];
