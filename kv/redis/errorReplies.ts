/** The errors that several commands answer with, in Redis' own words. */
import { KvError } from '../operation.ts';
import { echoedBytesMax } from './limits.ts';
import { textOf } from './text.ts';

export function error(message: string): KvError {
  return new KvError('ERR', message);
}

export function syntaxError(): KvError {
  return error('syntax error');
}

/** Redis' word for an argument that should be a number. */
export function notAnInteger(): KvError {
  return error('value is not an integer or out of range');
}

export function wrongArity(fullName: string): KvError {
  return error(`wrong number of arguments for '${fullName}' command`);
}

export function notForSubscribers(name: string): KvError {
  return error(
    `Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

export function unknownSubcommand(command: string, subcommand: Uint8Array | undefined): KvError {
  return error(
    `unknown subcommand '${textOf(subcommand).slice(0, echoedBytesMax)}'. Try ${command.toUpperCase()} HELP.`,
  );
}
