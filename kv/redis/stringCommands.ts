/** The commands of numbers, of parts of values, and of several keys at once. */
import { OperationCode } from '../operation.ts';
import type { DataCommand } from './command.ts';

const oneKey = [1, 1, 1] as const;

type Described = Pick<DataCommand, 'summary' | 'since'>;

function counting(name: string, code: OperationCode, arity: 2 | 3, described: Described): DataCommand {
  return {
    ...{ name, code, arity, keys: oneKey, group: 'string', ...described },
    flags: ['write', 'denyoom', 'fast'],
    categories: ['@write', '@string', '@fast'],
  };
}

/** MSET and MSETNX. */
function settingSeveral(name: string, code: OperationCode, summary: string): DataCommand {
  return {
    ...{ name, code, summary, arity: -3, keys: [1, -1, 2], group: 'string', since: '1.0.1' },
    flags: ['write', 'denyoom'],
    categories: ['@write', '@string', '@slow'],
  };
}

function gettingRange(name: string, described: Described): DataCommand {
  return {
    ...{ name, code: OperationCode.getrange, arity: 4, keys: oneKey, group: 'string', ...described },
    flags: ['readonly'],
    categories: ['@read', '@string', '@slow'],
  };
}

export const stringCommands: readonly DataCommand[] = [
  counting('incr', OperationCode.incr, 2, { summary: 'Adds 1 to a number.', since: '1.0.0' }),
  counting('decr', OperationCode.decr, 2, { summary: 'Takes 1 from a number.', since: '1.0.0' }),
  counting('incrby', OperationCode.incrby, 3, { summary: 'Adds to a number.', since: '1.0.0' }),
  counting('decrby', OperationCode.decrby, 3, { summary: 'Takes from a number.', since: '1.0.0' }),
  counting('incrbyfloat', OperationCode.incrbyfloat, 3, {
    summary: 'Adds to a floating point number.',
    since: '2.6.0',
  }),
  settingSeveral('mset', OperationCode.mset, 'Sets the values of one or more keys.'),
  settingSeveral(
    'msetnx',
    OperationCode.msetnx,
    'Sets the values of one or more keys if none of them exists.',
  ),
  {
    name: 'setrange',
    arity: 4,
    code: OperationCode.setrange,
    flags: ['write', 'denyoom'],
    categories: ['@write', '@string', '@slow'],
    keys: oneKey,
    summary: 'Overwrites a part of a value, from a place in it on.',
    since: '2.2.0',
    group: 'string',
  },
  gettingRange('getrange', { summary: 'Returns a part of a value.', since: '2.4.0' }),
  gettingRange('substr', {
    summary: 'Returns a part of a value: an older name of GETRANGE.',
    since: '1.0.0',
  }),
];
