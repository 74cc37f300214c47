/** A log entry in words, for those who look. */
import { type Entry, EntryKind } from '../../machines/entry.ts';
import type { EntryFrame } from './clusterFrame.ts';

/** What a service says of its commands; undefined: it does not know this one. */
export type DescribeCommand = (entry: Entry) => string | undefined;

/** Letters of an entry that are shown. */
const lettersMax = 40;
const kindNames = Object.fromEntries(
  Object.entries(EntryKind).map(([name, kind]) => [kind, name]),
) as Readonly<Record<EntryKind, EntryFrame['kind']>>; // the same names, turned round
const fromUtf8 = new TextDecoder();
/** What commands of a workload are filled up with. */
const padding = /\.{4,}$/;

export function entryFrame(entry: Entry, describe: DescribeCommand = () => undefined): EntryFrame {
  const { index, term, kind } = entry;
  return { index, term, kind: kindNames[kind], text: cutShort(describe(entry) ?? textOf(entry)) };
}

function textOf({ kind, payload }: Entry): string {
  if (kind === EntryKind.internal) return 'begins the term';
  if (kind !== EntryKind.command) return `a ${kindNames[kind]}`;
  const text = fromUtf8.decode(payload.subarray(0, 4 * lettersMax)).replace(padding, '…');
  return /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]*$/u.test(text) ? text : `${payload.byteLength} bytes`;
}

function cutShort(text: string): string {
  return text.length > lettersMax ? `${text.slice(0, lettersMax - 1)}…` : text;
}
