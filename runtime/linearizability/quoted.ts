/** Values as text of one line, cut in the middle where they are long. */

/** Characters of a value that are shown; the ends tell most, as values grow at the end. */
const shownMax = 64;

export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return shortened(text, shownMax);
}

export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const head = Math.ceil((max - 1) / 3);
  return `${text.slice(0, head)}…${text.slice(text.length - (max - 1 - head))}`;
}
