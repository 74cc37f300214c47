/**
 * Patterns as Redis has them: `*`, `?`, `[a-c]`, `[^a]`, and a backslash before a character that stands for itself. What is
 * not closed, or ends in the middle, means what it means there.
 */
import { patternBytesMax } from './limits.ts';

/** A character's code, the codes that a class holds, or one of those below. */
type Item = number | Uint8Array;
const anyCharacter = -1;
const anyNumber = -2;

/** Codes of bytes, and one that stands for all others. */
const codes = 257;

/** Tells which texts `pattern` describes: all of a text, compared as it is. Undefined: the pattern is too long. */
export function compileGlob(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > patternBytesMax) return undefined;
  const items: Item[] = [];
  for (let at = 0; at < pattern.length; ) at = readItem(pattern, at, items);
  return (text) => matches(items, text);
}

/** True if `pattern` describes all of `text`; one that is too long describes nothing. */
export function matchesGlob(pattern: string, text: string): boolean {
  return compileGlob(pattern)?.(text) ?? false;
}

/** Reads the item at `at`; where the next one begins. */
function readItem(pattern: string, at: number, items: Item[]): number {
  const character = pattern[at];
  if (character === '[') return readClass(pattern, at + 1, items);
  if (character === '*') {
    if (items.at(-1) !== anyNumber) items.push(anyNumber);
    return at + 1;
  }
  const isEscape = character === '\\' && at + 1 < pattern.length;
  const place = isEscape ? at + 1 : at;
  items.push(character === '?' ? anyCharacter : pattern.charCodeAt(place));
  return place + 1;
}

function readClass(pattern: string, start: number, items: Item[]): number {
  const isNegated = pattern[start] === '^';
  const held = new Uint8Array(codes).fill(isNegated ? 1 : 0);
  const hold = (from: number, to: number): void => {
    held.fill(isNegated ? 0 : 1, Math.min(from, to), Math.min(Math.max(from, to), codes - 1) + 1);
  };
  let at = isNegated ? start + 1 : start;
  while (at < pattern.length && pattern[at] !== ']') {
    if (pattern[at] === '\\' && at + 1 < pattern.length) at += 1;
    // Behind a dash everything is the range's end, a bracket and a backslash too.
    else if (pattern[at + 1] === '-' && at + 2 < pattern.length) {
      hold(pattern.charCodeAt(at), pattern.charCodeAt(at + 2));
      at += 3;
      continue;
    }
    hold(pattern.charCodeAt(at), pattern.charCodeAt(at));
    at += 1;
  }
  items.push(held);
  return at + 1;
}

/** Takes time within the product of both lengths. */
function matches(items: readonly Item[], text: string): boolean {
  let at = 0;
  let position = 0;
  // Where to go on if the items behind the last star do not match: the star takes one character more.
  let behindStar = -1;
  let retryAt = 0;
  while (position < text.length) {
    const item = items[at];
    if (item === anyNumber) {
      at += 1;
      behindStar = at;
      retryAt = position;
    } else if (item !== undefined && itemMatches(item, text.charCodeAt(position))) {
      at += 1;
      position += 1;
    } else if (behindStar >= 0) {
      retryAt += 1;
      at = behindStar;
      position = retryAt;
    } else {
      return false;
    }
  }
  while (items[at] === anyNumber) at += 1;
  return at === items.length;
}

function itemMatches(item: Item, code: number): boolean {
  if (typeof item === 'number') return item === anyCharacter || item === code;
  return item[Math.min(code, codes - 1)] === 1;
}
