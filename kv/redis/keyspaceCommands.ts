/** The commands of keys as such: what there are, under which name, and of which type. */
import { OperationCode } from '../operation.ts';
import type { DataCommand } from './command.ts';

const group = 'generic';
const oneKey = [1, 1, 1] as const;
const twoKeys = [1, 2, 1] as const;
const manyKeys = [1, -1, 1] as const;
const noKeys = [0, 0, 0] as const;

type Described = Pick<DataCommand, 'name' | 'code' | 'arity' | 'keys' | 'summary' | 'since'>;

function reading(described: Described, isFast: boolean): DataCommand {
  return {
    ...{ ...described, group },
    flags: isFast ? ['readonly', 'fast'] : ['readonly'],
    categories: ['@keyspace', '@read', isFast ? '@fast' : '@slow'],
  };
}

function writing(described: Described, isFast: boolean): DataCommand {
  return {
    ...{ ...described, group },
    flags: isFast ? ['write', 'fast'] : ['write'],
    categories: ['@keyspace', '@write', isFast ? '@fast' : '@slow'],
  };
}

function flushing(name: string, summary: string): DataCommand {
  return {
    ...{ name, summary, code: OperationCode.flush, arity: -1, keys: noKeys, since: '1.0.0', group: 'server' },
    flags: ['write'],
    categories: ['@keyspace', '@write', '@slow', '@dangerous'],
  };
}

const { type, exists, del, keys, scan, randomkey, rename, renamenx, copy } = OperationCode;

export const keyspaceCommands: readonly DataCommand[] = [
  reading(
    {
      ...{ name: 'type', code: type, arity: 2, keys: oneKey, since: '1.0.0' },
      summary: 'Tells what type of value a key has: string, or none.',
    },
    true,
  ),
  reading(
    {
      ...{ name: 'touch', code: exists, arity: -2, keys: manyKeys, since: '3.2.1' },
      summary: 'Counts those of the given keys that exist.',
    },
    true,
  ),
  writing(
    {
      ...{ name: 'unlink', code: del, arity: -2, keys: manyKeys, since: '4.0.0' },
      summary: 'Deletes one or more keys.',
    },
    true,
  ),
  reading(
    {
      ...{ name: 'keys', code: keys, arity: 2, keys: noKeys, since: '1.0.0' },
      summary: 'Returns the names of all keys that match a pattern.',
    },
    false,
  ),
  reading(
    {
      ...{ name: 'scan', code: scan, arity: -2, keys: noKeys, since: '2.8.0' },
      summary: 'Goes through the names of all keys, some with each call.',
    },
    false,
  ),
  {
    ...reading(
      {
        ...{ name: 'randomkey', code: randomkey, arity: 1, keys: noKeys, since: '1.0.0' },
        summary: 'Returns the name of some key.',
      },
      false,
    ),
    complete: () => [Buffer.from(String(Math.random()))],
  },
  writing(
    {
      ...{ name: 'rename', code: rename, arity: 3, keys: twoKeys, since: '1.0.0' },
      summary: 'Gives a key another name, in place of the key that had it.',
    },
    false,
  ),
  writing(
    {
      ...{ name: 'renamenx', code: renamenx, arity: 3, keys: twoKeys, since: '1.0.0' },
      summary: 'Gives a key a name that no key has.',
    },
    true,
  ),
  writing(
    {
      ...{ name: 'copy', code: copy, arity: -3, keys: twoKeys, since: '6.2.0' },
      summary: 'Copies the value of a key to another one.',
    },
    false,
  ),
  flushing('flushall', 'Deletes all keys.'),
  flushing('flushdb', 'Deletes all keys; there is one database.'),
];
