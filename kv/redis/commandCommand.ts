/** COMMAND: what commands there are, for clients and for redis-cli's help. */
import { Status } from '../operation.ts';
import type { Command, LocalCommand } from './command.ts';
import { unknownSubcommand, wrongArity } from './errorReplies.ts';
import { wordOf } from './text.ts';
import { ReplyMap, type WireReply } from './writer.ts';

/** Name, arity, flags, keys, categories, tips, key specifications, subcommands. */
function describe(command: Command): WireReply {
  const statuses = (names: readonly string[]): WireReply => names.map((name) => new Status(name));
  const { name, arity, flags, keys, categories } = command;
  return [name, arity, statuses(flags), ...keys, statuses(categories), [], [], []];
}

function document(command: Command): WireReply {
  const { summary, since, group } = command;
  return new ReplyMap([
    ['summary', summary],
    ['since', since],
    ['group', group],
  ]);
}

/** The command COMMAND for a table of commands, to which it is then added. */
export function makeCommandCommand(table: readonly Command[]): LocalCommand {
  /** Those named, in the order of the names; all if none is. */
  const find = (names: readonly Uint8Array[]): (Command | undefined)[] => {
    if (names.length === 0) return [...table];
    return names.map(wordOf).map((name) => table.find((command) => command.name === name));
  };
  return {
    name: 'command',
    arity: -1,
    answer: ([subcommand, ...args]) => {
      if (subcommand === undefined) return table.map(describe);
      switch (wordOf(subcommand)) {
        case 'count':
          return args.length === 0 ? table.length : wrongArity('command|count');
        case 'list':
          return table.map(({ name }) => name);
        case 'info':
          return find(args).map((command) => (command === undefined ? null : describe(command)));
        case 'docs': {
          const found = find(args).filter((command) => command !== undefined);
          return new ReplyMap(found.map((command) => [command.name, document(command)]));
        }
        default:
          return unknownSubcommand('command', subcommand);
      }
    },
    flags: ['loading', 'stale'],
    categories: ['@slow', '@connection'],
    keys: [0, 0, 0],
    summary: 'Tells what commands there are.',
    since: '2.8.13',
    group: 'server',
  };
}
