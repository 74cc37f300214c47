/** Inline commands: what a person types into telnet, split into words as redis-cli splits them. */

const code = (character: string): number => character.charCodeAt(0);

const backslash = code('\\');
const doubleQuote = code('"');
const singleQuote = code("'");
const lowerX = code('x');

const escapes = new Map([
  [code('n'), code('\n')],
  [code('r'), code('\r')],
  [code('t'), code('\t')],
  [code('b'), code('\b')],
  [code('a'), 0x07],
]);

/** Blanks as C's isspace knows them, and the zero byte. */
function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
}

/** The value of a hexadecimal digit; -1 if it is none. */
function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * The words of a line, without its line break. Double quotes know the escapes of C and `\xHH`, single quotes only
 * `\'`; a closing quote ends its word. Undefined if the quotes do not close.
 */
export function splitInline(line: Uint8Array): Uint8Array[] | undefined {
  const words: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isBlank(line[at])) at += 1;
    if (at === line.length) return words;
    const word: number[] = [];
    while (at < line.length && !isBlank(line[at])) {
      const byte = line[at] ?? 0;
      at += 1;
      if (byte !== doubleQuote && byte !== singleQuote) {
        word.push(byte);
        continue;
      }
      at = takeQuoted(line, at, byte, word);
      if (at < 0 || (at < line.length && !isBlank(line[at]))) return undefined;
    }
    words.push(Uint8Array.from(word));
  }
}

/** Adds what stands in quotes to `word`; the offset behind the closing quote, or -1 if there is none. */
function takeQuoted(line: Uint8Array, from: number, quote: number, word: number[]): number {
  let at = from;
  while (at < line.length) {
    const byte = line[at] ?? 0;
    if (byte === quote) return at + 1;
    const next = line[at + 1];
    if (byte !== backslash || next === undefined || (quote === singleQuote && next !== singleQuote)) {
      word.push(byte);
      at += 1;
    } else if (next === lowerX && hexValue(line[at + 2]) >= 0 && hexValue(line[at + 3]) >= 0) {
      word.push(hexValue(line[at + 2]) * 16 + hexValue(line[at + 3]));
      at += 4;
    } else {
      word.push(escapes.get(next) ?? next);
      at += 2;
    }
  }
  return -1;
}
