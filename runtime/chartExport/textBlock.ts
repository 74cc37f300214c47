/** Text whose size is known before anything draws it: fonts differ from reader to reader, so the widest usual one counts. */

export type TextStyle = 'title' | 'prose' | 'code';

export interface TextLine {
  readonly text: string;
  readonly style: TextStyle;
  /** It goes on with the line above. */
  readonly isContinued?: boolean;
}

/** px. A monospaced letter is 0.6 em wide everywhere; of proportional ones the average of a wide font is taken. */
const fonts: Readonly<Record<TextStyle, { readonly letterWidth: number; readonly lineHeight: number }>> = {
  title: { letterWidth: 9.2, lineHeight: 21 },
  prose: { letterWidth: 6.8, lineHeight: 16 },
  code: { letterWidth: 6.7, lineHeight: 15 },
};

/** px by which code that goes on is indented. */
const indent = 14;

/** px between what a state is and what it does. */
const gap = 4;

export interface PlacedLine extends TextLine {
  /** px from the left and the top of the block. */
  readonly start: number;
  readonly baseline: number;
}

export function placeLines(lines: readonly TextLine[]): PlacedLine[] {
  let bottom = 0;
  return lines.map((line, i) => {
    const isNewKind = line.style === 'code' && i > 0 && lines[i - 1]?.style !== 'code';
    bottom += fonts[line.style].lineHeight + (isNewKind ? gap : 0);
    return { ...line, start: line.isContinued && line.style === 'code' ? indent : 0, baseline: bottom - 4 };
  });
}

export function sizeOf(lines: readonly TextLine[]): { readonly width: number; readonly height: number } {
  const placed = placeLines(lines);
  const widths = placed.map(({ text, style, start }) => start + text.length * fonts[style].letterWidth);
  return { width: Math.ceil(Math.max(0, ...widths)), height: (placed.at(-1)?.baseline ?? 0) + 4 };
}

/** Breaks between words. */
export function wrapped(text: string, style: TextStyle, lettersMax: number): TextLine[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length <= lettersMax) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, i) => ({ text: line, style, isContinued: i > 0 }));
}
