/** Colors, where a person looks at a terminal that has them. */
import { styleText } from 'node:util';

export interface Paint {
  dim(text: string): string;
  bold(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
}

const plain = (text: string): string => text;

const colors: Paint = {
  dim: (text) => styleText('dim', text),
  bold: (text) => styleText('bold', text),
  good: (text) => styleText('green', text),
  warning: (text) => styleText('yellow', text),
  bad: (text) => styleText('red', text),
};

/** Plain text for files and pipes, and where NO_COLOR is set. */
export function makePaint(stream: NodeJS.WriteStream): Paint {
  const hasColors = stream.isTTY && stream.hasColors();
  return hasColors ? colors : { dim: plain, bold: plain, good: plain, warning: plain, bad: plain };
}

/** The local time, as 14:03:59. */
export function timeOfDay(): string {
  return new Date().toTimeString().slice(0, 8);
}
