/** A command of the key/value service in words, for those who look at logs and messages. */
import { type Entry, EntryKind } from '../machines/entry.ts';
import { OperationCode } from './operation.ts';
import { textOfBytes } from './page/byteText.ts';
import { decodeCommand, decodeEntryHeader, kvService } from './wire.ts';

const nameOf = new Map<number, string>(Object.entries(OperationCode).map(([name, code]) => [code, name]));

/** No more of a command is looked at: it may be long, and those who look see its beginning. */
const argumentsMax = 8;
const argumentBytesMax = 64;

/** `put greeting hi`; undefined: it is no command of this service, or not one that this version reads. */
export function describeCommand({ service, kind, payload }: Entry): string | undefined {
  if (service !== kvService || kind === EntryKind.internal) return undefined;
  try {
    const name = nameOf.get(decodeEntryHeader(payload).code);
    if (name === 'openSession') return 'opens a session';
    if (name === 'closeSession') return 'closes a session';
    if (name === undefined || name === 'exec' || name === 'tick') return name;
    const { args } = decodeCommand(payload);
    const words = args.slice(0, argumentsMax).map((arg) => textOfBytes(arg.subarray(0, argumentBytesMax)));
    return [name, ...words].join(' ');
  } catch {
    return undefined;
  }
}
