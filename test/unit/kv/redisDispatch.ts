/** The commands of the Redis front in front of a state machine, without a socket or a log between them. */
import { isWrite } from '../../../kv/operation.ts';
import { hasArity, operationOf } from '../../../kv/redis/command.ts';
import { findCommand, unknownCommand } from '../../../kv/redis/commands.ts';
import { wrongArity } from '../../../kv/redis/errorReplies.ts';
import { ReplyWriter, type WireReply } from '../../../kv/redis/writer.ts';
import type { Applied } from './applied.ts';

/** What a client reads when it sends these words. */
export function replyTo(applied: Applied, ...words: string[]): string {
  const writer = new ReplyWriter(1024 * 1024);
  writer.write(carryOut(applied, words));
  return writer.take().toString('latin1');
}

function carryOut(applied: Applied, words: string[]): WireReply {
  const [name = Buffer.alloc(0), ...args] = words.map((word) => Buffer.from(word));
  const command = findCommand(name);
  if (!command || !('code' in command)) return unknownCommand(name, args);
  if (!hasArity(command, words.length)) return wrongArity(command.name);
  const what = operationOf(command, args);
  return command.refuse?.(args) ?? (isWrite(what.code) ? applied.carryOut(what) : applied.answer(what));
}
