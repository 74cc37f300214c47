/** Commands whose second word says what is asked. */
import { hasArity, type LocalCommand } from './command.ts';
import { unknownSubcommand, wrongArity } from './errorReplies.ts';
import { wordOf } from './text.ts';

export interface Subcommand {
  /** As Redis counts: the command and the subcommand's name are two words. */
  readonly arity: number;
  /** `args` are those behind the subcommand's name. */
  readonly answer: LocalCommand['answer'];
}

export function answerBySubcommand(
  command: string,
  subcommands: Readonly<Record<string, Subcommand>>,
): LocalCommand['answer'] {
  const byName = new Map(Object.entries(subcommands));
  return ([name, ...args], client, front) => {
    const subcommand = byName.get(wordOf(name));
    if (subcommand === undefined) return unknownSubcommand(command, name);
    if (!hasArity(subcommand, args.length + 2)) return wrongArity(`${command}|${wordOf(name)}`);
    return subcommand.answer(args, client, front);
  };
}
