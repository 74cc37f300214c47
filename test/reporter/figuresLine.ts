/** Lines of figures: a scenario's name, its five figures, and the handout's five beside them, in columns. */
import type { Figures } from './figures.ts';

/** Characters of each column: as wide as the handout's widest figure, and seconds up to the limit of 120. */
const widths = { seconds: 5, peers: 1, rpcs: 5, bytes: 8, commits: 4 };
const separator = ' | ';
const indent = '  ';
/** Two times the columns with blanks between, and what stands around them. */
const figuresWidth = 2 * (Object.values(widths).reduce((a, b) => a + b) + 4) + separator.length;
/** Narrower than this a name says nothing. */
const nameWidthMin = 12;

/** How wide names may be, for names up to `longest` on a line of `width` characters. */
export function nameWidth(longest: number, width: number): number {
  return Math.max(nameWidthMin, Math.min(longest, width - indent.length - 1 - figuresWidth));
}

/** A name cut to `width` in its middle: the ends of the scenarios' names tell them apart. */
export function fitted(name: string, width: number): string {
  if (name.length <= width) return name.padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${name.slice(0, width - 1 - tail)}…${name.slice(name.length - tail)}`;
}

function columns(seconds: string, peers: string, rpcs: string, bytes: string, commits: string): string {
  return [
    seconds.padStart(widths.seconds),
    peers.padStart(widths.peers),
    rpcs.padStart(widths.rpcs),
    bytes.padStart(widths.bytes),
    commits.padStart(widths.commits),
  ].join(' ');
}

function row({ seconds, peers, rpcs, bytes, commits }: Figures): string {
  return columns(seconds.toFixed(1), `${peers}`, `${rpcs}`, `${bytes ?? ''}`, `${commits}`);
}

/** What stands above a part's lines: its title, and what the columns are. */
export function headLine(title: string, nameColumn: number, withBytes: boolean): string {
  const heads = withBytes ? columns('s', 'n', 'RPCs', 'bytes', 'log') : columns('s', 'n', 'RPCs', '', 'ops');
  return `${indent}${fitted(title, nameColumn)} ${heads}${separator}handout`;
}

/** `theirs` is undefined for a scenario that the handout has no figures of. */
export function figuresLine(name: string, nameColumn: number, ours: Figures, theirs?: Figures): string {
  return `${indent}${fitted(name, nameColumn)} ${row(ours)}${theirs ? `${separator}${row(theirs)}` : ''}`;
}

export function failedLine(name: string, nameColumn: number): string {
  return `${indent}${fitted(name, nameColumn)} failed`;
}
