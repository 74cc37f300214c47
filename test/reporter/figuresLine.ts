/** Lines of figures: a scenario's name, its five figures, and the handout's five beside them, in columns. */
import type { Figures } from './figures.ts';

/** Characters of each column; of the bytes none where a part prints none. */
interface Widths {
  readonly seconds: number;
  readonly peers: number;
  readonly rpcs: number;
  readonly bytes?: number;
  readonly commits: number;
}

/** As wide as the handout's widest figure, and seconds up to the limit of 120. */
const ofLog: Widths = { seconds: 5, peers: 1, rpcs: 5, bytes: 8, commits: 4 };
const ofOperations: Widths = { seconds: 5, peers: 1, rpcs: 5, commits: 4 };
/** Clients without a pause ask for much more than the handout's did. */
const ofOurOperations: Widths = { seconds: 5, peers: 1, rpcs: 6, commits: 5 };
const separator = ' | ';
const indent = '  ';
/** Narrower than this a name says nothing. */
const nameWidthMin = 12;

function widthsOf(withBytes: boolean): { readonly ours: Widths; readonly theirs: Widths } {
  return withBytes ? { ours: ofLog, theirs: ofLog } : { ours: ofOurOperations, theirs: ofOperations };
}

/** With a blank between two columns. */
function totalOf(widths: Widths): number {
  return Object.values(widths).reduce((sum: number, width: number) => sum + width + 1, -1);
}

/** How wide names may be, for names up to `longest` on a line of `width` characters. */
export function nameWidth(longest: number, width: number, withBytes: boolean): number {
  const { ours, theirs } = widthsOf(withBytes);
  const others = indent.length + 1 + totalOf(ours) + separator.length + totalOf(theirs);
  return Math.max(nameWidthMin, Math.min(longest, width - others));
}

/** A name cut to `width`: each of several terms at its end, a single one in its middle, which is where names are alike. */
export function fitted(name: string, width: number): string {
  if (name.length <= width) return name.padEnd(width);
  const terms = name.split(', ');
  if (terms.length > 1) return cutTerms(terms, width).padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${name.slice(0, width - 1 - tail)}…${name.slice(name.length - tail)}`;
}

function cutTerms(terms: readonly string[], width: number): string {
  for (let length = width; length > 0; length -= 1) {
    const cut = terms.map((term) => term.slice(0, length).trimEnd()).join(', ');
    if (cut.length <= width) return cut;
  }
  return terms.join(', ').slice(0, width);
}

function columns(widths: Widths, values: Readonly<Record<keyof Widths, string>>): string {
  return (['seconds', 'peers', 'rpcs', 'bytes', 'commits'] as const)
    .flatMap((column) => {
      const width = widths[column];
      return width === undefined ? [] : values[column].padStart(width);
    })
    .join(' ');
}

function row(widths: Widths, { seconds, peers, rpcs, bytes, commits }: Figures): string {
  return columns(widths, {
    ...{ seconds: seconds.toFixed(1), peers: `${peers}`, rpcs: `${rpcs}` },
    ...{ bytes: `${bytes ?? ''}`, commits: `${commits}` },
  });
}

/** What stands above a part's lines: its title, and what the columns are. */
export function headLine(title: string, nameColumn: number, withBytes: boolean): string {
  const heads = columns(widthsOf(withBytes).ours, {
    ...{ seconds: 's', peers: 'n', rpcs: 'RPCs', bytes: 'bytes', commits: withBytes ? 'log' : 'ops' },
  });
  return `${indent}${fitted(title, nameColumn)} ${heads}${separator}handout`;
}

/** `theirs` is undefined for a scenario that the handout has no figures of. */
export function figuresLine(name: string, nameColumn: number, figures: Figures, theirs?: Figures): string {
  const widths = widthsOf(figures.bytes !== undefined);
  const beside = theirs ? `${separator}${row(widths.theirs, theirs)}` : '';
  return `${indent}${fitted(name, nameColumn)} ${row(widths.ours, figures)}${beside}`;
}

export function failedLine(name: string, nameColumn: number): string {
  return `${indent}${fitted(name, nameColumn)} failed`;
}
