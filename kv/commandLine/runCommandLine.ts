/** Runs one command to its end: the exit code, and one clear line on stderr for whatever went wrong. */
import { type Command, CommanderError } from 'commander';
import { messageOf } from './messageOf.ts';
import { commandName } from './packageFacts.ts';
import { makeProgram } from './program.ts';

/** As with the usual tools of Unix: 1 for what failed, 2 for what could not be understood. */
const exitCodeOfUsage = 2;

/**
 * Settles with the exit code.
 * @param argv as in `process.argv`
 * @param complain gets the line on what went wrong
 */
export async function runCommandLine(
  argv: readonly string[],
  complain: (line: string) => void,
): Promise<number> {
  let exitCode = 0;
  const program = makeProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    // Help and version come this way, too; commander has printed them.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodeOfUsage;
    const isUsage = error instanceof CommanderError;
    const hint = isUsage ? ` (see ${helpOf(program, argv)})` : '';
    complain(`${commandName}: ${messageOf(error)}${hint}`);
    return isUsage ? exitCodeOfUsage : 1;
  }
}

/** The help of the command that was meant. */
function helpOf(program: Command, argv: readonly string[]): string {
  const command = program.commands.find((candidate) => argv.slice(2).includes(candidate.name()));
  return [commandName, ...(command ? [command.name()] : []), '--help'].join(' ');
}
