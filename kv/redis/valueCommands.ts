/** What tools ask about the value of a key: how it would be held by Redis, and what memory it takes. */
import { integerFrom } from '../integers.ts';
import { type KvError, OperationCode, type Reply } from '../operation.ts';
import type { DataCommand } from './command.ts';
import { error, syntaxError, wrongArity } from './errorReplies.ts';
import { echoedBytesMax } from './limits.ts';
import { textOf, wordOf } from './text.ts';
import type { WireReply } from './writer.ts';

const oneKey = [2, 2, 1] as const;
/** Redis holds a longer one apart from its key. */
const embeddedBytesMax = 44;
/** An estimate of what a key takes besides its bytes and those of its value: a string, an item, a view. */
const keyBytesExtra = 150;

/** The key behind the subcommand. */
const keyOf = (args: readonly Uint8Array[]): readonly Uint8Array[] => args.slice(1, 2);

function encodingOf(value: Uint8Array): string {
  if (value.byteLength <= 20 && integerFrom(value) !== undefined) return 'int';
  return value.byteLength <= embeddedBytesMax ? 'embstr' : 'raw';
}

/** Has `tell` say something of a value; a missing key stays one. */
function ofValue(tell: (value: Uint8Array) => WireReply): (reply: Reply) => WireReply {
  return (reply) => (reply instanceof Uint8Array ? tell(reply) : reply);
}

const untracked = 'are not tracked here: no key is ever evicted';

function refuseObject([name, ...args]: readonly Uint8Array[]): KvError | undefined {
  const word = wordOf(name);
  if (word === 'freq')
    return error(`An LFU maxmemory policy is not selected, access frequencies ${untracked}.`);
  if (word === 'idletime') return error(`idle times ${untracked}.`);
  if (word !== 'encoding' && word !== 'refcount') {
    return error(`unknown subcommand '${textOf(name).slice(0, echoedBytesMax)}': give ENCODING or REFCOUNT.`);
  }
  return args.length === 1 ? undefined : wrongArity(`object|${word}`);
}

function refuseMemory([name, ...args]: readonly Uint8Array[]): KvError | undefined {
  if (wordOf(name) !== 'usage') {
    return error(
      `unknown subcommand '${textOf(name).slice(0, echoedBytesMax)}': give USAGE, or see INFO memory.`,
    );
  }
  if (args.length === 0) return wrongArity('memory|usage');
  const [, option, count, ...others] = args;
  if (option === undefined) return undefined;
  const isSamples = wordOf(option) === 'samples' && count !== undefined && others.length === 0;
  return isSamples && (integerFrom(count) ?? -1n) >= 0n ? undefined : syntaxError();
}

export const valueCommands: readonly DataCommand[] = [
  {
    ...{ name: 'object', code: OperationCode.get, arity: -2, keys: oneKey, select: keyOf },
    refuse: refuseObject,
    shape: ([name]) => ofValue((value) => (wordOf(name) === 'refcount' ? 1 : encodingOf(value))),
    flags: ['readonly'],
    categories: ['@keyspace', '@read', '@slow'],
    summary: 'Tells how Redis would hold the value of a key.',
    since: '2.2.3',
    group: 'generic',
  },
  {
    ...{ name: 'memory', code: OperationCode.get, arity: -2, keys: oneKey, select: keyOf },
    refuse: refuseMemory,
    shape: ([, key]) => {
      const keyBytes = key?.byteLength ?? 0;
      return ofValue((value) => keyBytes + value.byteLength + keyBytesExtra);
    },
    flags: ['readonly'],
    categories: ['@read', '@slow'],
    summary: 'Estimates the memory that a key and its value take at one node, in bytes.',
    since: '4.0.0',
    group: 'server',
  },
];
