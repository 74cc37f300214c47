/**
 * Bytes as text that can be read, typed and turned back: UTF-8 where they are that, `\\` for a backslash, `\n`, `\r` and
 * `\t`, and `\xff` for every byte that is no readable character.
 */

/** A text that stands for no bytes. */
export class MalformedText extends Error {
  readonly code = 'MalformedText';
  override readonly name = 'MalformedText';
}

const short: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const long: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', r: '\r', t: '\t' };

/** Neither separators of lines nor what has no shape: letters, marks, numbers, punctuation, symbols, the space. */
const readable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Bytes of a character by its first byte; 0: no character begins so. */
function characterBytes(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.byteLength; ) {
    const first = bytes[at] ?? 0;
    const length = characterBytes(first);
    const character = length > 0 ? characterOf(bytes.subarray(at, at + length)) : undefined;
    text += character ?? `\\x${first.toString(16).padStart(2, '0')}`;
    at += character === undefined ? 1 : length;
  }
  return text;
}

/** Undefined: it is none, or none that can be seen. */
function characterOf(bytes: Uint8Array): string | undefined {
  try {
    const character = strict.decode(bytes);
    return short[character] ?? (readable.test(character) ? character : undefined);
  } catch {
    return undefined;
  }
}

/** @throws MalformedText */
export function bytesOfText(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  // What stands between escapes, and the escapes.
  for (const [all, escaped, hex] of text.matchAll(/\\(x([0-9a-f]{2})|[\s\S]?)|[^\\]+/gi)) {
    if (escaped === undefined) parts.push(Buffer.from(all));
    else if (hex !== undefined) parts.push(Uint8Array.of(Number.parseInt(hex, 16)));
    else {
      const character = long[escaped];
      if (character === undefined) {
        throw new MalformedText(
          `${JSON.stringify(all)} is no escape: write \\\\ for a backslash, \\xff for a byte.`,
        );
      }
      parts.push(Buffer.from(character));
    }
  }
  return Buffer.concat(parts);
}
