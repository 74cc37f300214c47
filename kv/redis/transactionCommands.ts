/** MULTI, EXEC and what belongs to them. Between the two, commands are gathered; EXEC is one entry of the log. */
import type { TransactionCommand } from './command.ts';

const facts = {
  flags: ['noscript', 'loading', 'stale', 'fast', 'allow_busy'],
  categories: ['@fast', '@transaction'],
  keys: [0, 0, 0],
  arity: 1,
  group: 'transactions',
} as const;

export const transactionCommands: readonly TransactionCommand[] = [
  {
    ...{ ...facts, name: 'multi', control: 'multi', since: '1.2.0' },
    summary: 'Begins a transaction: the commands that follow are queued.',
  },
  {
    ...{ ...facts, name: 'exec', control: 'exec', since: '1.2.0' },
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    categories: ['@slow', '@transaction'],
    summary: 'Carries out the commands of the transaction, all at one moment.',
  },
  {
    ...{ ...facts, name: 'discard', control: 'discard', since: '2.0.0' },
    summary: 'Forgets the commands of the transaction.',
  },
  {
    ...{ ...facts, name: 'watch', control: 'watch', since: '2.2.0' },
    arity: -2,
    keys: [1, -1, 1],
    summary: 'Has the next transaction take effect only if these keys have not changed by then.',
  },
  {
    ...{ ...facts, name: 'unwatch', control: 'unwatch', since: '2.2.0' },
    summary: 'Forgets which keys are watched.',
  },
];
