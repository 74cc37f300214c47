/** The table of all commands, and how a request finds its entry. */
import type { KvError } from '../operation.ts';
import { hintFor } from './absentCommands.ts';
import { clusterCommands } from './clusterCommand.ts';
import type { Command } from './command.ts';
import { makeCommandCommand } from './commandCommand.ts';
import { configCommand } from './configCommand.ts';
import { connectionCommands } from './connectionCommands.ts';
import { dataCommands } from './dataCommands.ts';
import { dbsizeCommand } from './dbsizeCommand.ts';
import { error } from './errorReplies.ts';
import { infoCommand } from './info.ts';
import { echoedBytesMax } from './limits.ts';
import { pubsubCommands } from './pubsubCommands.ts';
import { serverCommands } from './serverCommands.ts';
import { textOf, wordOf } from './text.ts';
import { transactionCommands } from './transactionCommands.ts';
import { valueCommands } from './valueCommands.ts';
import { waitCommand } from './waitCommand.ts';

const table: Command[] = [
  ...dataCommands,
  ...connectionCommands,
  ...clusterCommands,
  ...transactionCommands,
  ...pubsubCommands,
  ...serverCommands,
  ...valueCommands,
  dbsizeCommand,
  waitCommand,
  infoCommand,
  configCommand,
];
table.push(makeCommandCommand(table));

export const commands: readonly Command[] = table;

interface Entry {
  readonly name: Uint8Array;
  readonly command: Command;
}

const entries = new Map<number, Entry>();
for (const command of commands) {
  const name = Buffer.from(command.name);
  const hash = hashOf(name);
  if (entries.has(hash)) throw new Error(`${command.name} shares its hash with another command`);
  entries.set(hash, { name, command });
}

/** Letters count alike in either case. */
function lowered(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function hashOf(name: Uint8Array): number {
  let hash = name.length;
  // No command is as long as that.
  const length = Math.min(name.length, 32);
  for (let at = 0; at < length; at += 1) hash = (Math.imul(hash, 31) + lowered(name[at] ?? 0)) | 0;
  return hash;
}

/** The command of this name, in any case. Without a string made of the name: every request comes by here. */
export function findCommand(name: Uint8Array): Command | undefined {
  const entry = entries.get(hashOf(name));
  if (entry === undefined || entry.name.length !== name.length) return undefined;
  for (let at = 0; at < name.length; at += 1) {
    if (lowered(name[at] ?? 0) !== entry.name[at]) return undefined;
  }
  return entry.command;
}

/** Redis' own sentence: it repeats the beginning of what was asked. Behind it stands what to do instead, where that is known. */
export function unknownCommand(name: Uint8Array, args: readonly Uint8Array[]): KvError {
  let echoed = '';
  for (const arg of args) {
    if (echoed.length >= echoedBytesMax) break;
    echoed += `'${textOf(arg.subarray(0, echoedBytesMax - echoed.length))}' `;
  }
  const shown = textOf(name.subarray(0, echoedBytesMax));
  const hint = hintFor(wordOf(name));
  const end = hint === undefined ? '' : `(${hint})`;
  return error(`unknown command '${shown}', with args beginning with: ${echoed}${end}`);
}

/**
 * The first words of a web browser's request. A web page can make a browser send one to any port, with commands in its
 * body: whoever says this is not to be listened to any further.
 */
export function isHttp(name: Uint8Array): boolean {
  const word = wordOf(name.subarray(0, 5));
  return word === 'host:' || (word === 'post' && name.length === 4);
}
