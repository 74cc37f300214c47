/** What to say of an error: one line for those that the project foresees, all there is for the others. */
import { CommanderError } from 'commander';

export function messageOf(error: unknown): string {
  if (error instanceof CommanderError) return oneLine(error.message.replace(/^error: /, ''));
  if (!(error instanceof Error)) return String(error);
  return isForeseen(error) ? oneLine(error.message) : (error.stack ?? error.message);
}

/** The project's own errors carry their name as their code, and a message that says what to do. */
function isForeseen(error: Error): boolean {
  return 'code' in error && error.code === error.name;
}

function oneLine(message: string): string {
  return message.replaceAll(/\s*\n\s*/g, ' ').trim();
}
