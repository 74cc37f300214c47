/** How a long run of the command line begins and ends. */
import { CommanderError } from 'commander';

/** As shells have it for a process that Ctrl-C ended. */
export const interruptedExitCode = 130;

/** Aborts when Ctrl-C or a SIGTERM comes. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

/** When a log is written, to the minute. */
export function dateText(): string {
  return `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Exits with what `main` returns; a wrong flag is said in one line. */
export async function run(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help has been printed.
    if (error.exitCode !== 0) console.error(error.message.replaceAll('\n', ' '));
    process.exitCode = error.exitCode;
  }
}
