/** A command of the key/value service in words, for those who look at logs and messages. */
import { type Entry, EntryKind } from '../machines/entry.ts';
import { OperationCode } from './operation.ts';
import { decodeCommand, decodeEntryHeader, kvService } from './wire.ts';

const nameOf = new Map<number, string>(Object.entries(OperationCode).map(([name, code]) => [code, name]));
const fromUtf8 = new TextDecoder();

/** `put greeting hi`; undefined: it is no command of this service, or not one that this version reads. */
export function describeCommand({ service, kind, payload }: Entry): string | undefined {
  if (service !== kvService || kind === EntryKind.internal) return undefined;
  try {
    const name = nameOf.get(decodeEntryHeader(payload).code);
    if (name === 'openSession') return 'opens a session';
    if (name === 'closeSession') return 'closes a session';
    if (name === undefined || name === 'exec' || name === 'tick') return name;
    return [name, ...decodeCommand(payload).args.map((arg) => fromUtf8.decode(arg))].join(' ');
  } catch {
    return undefined;
  }
}
