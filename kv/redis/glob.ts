/** Patterns as Redis has them: `*`, `?`, `[a-c]`, `[^a]`, and a backslash before a character that stands for itself. */
import { patternBytesMax } from './limits.ts';

/** The number of characters of the pattern's item at `at`: a character, an escaped one, or a class. */
function itemLength(pattern: string, at: number): number {
  if (pattern[at] === '\\' && at + 1 < pattern.length) return 2;
  if (pattern[at] !== '[') return 1;
  let end = at + 1;
  while (end < pattern.length && pattern[end] !== ']') end += pattern[end] === '\\' ? 2 : 1;
  return Math.min(end + 1, pattern.length) - at;
}

function classHolds(members: string, character: string): boolean {
  let at = 0;
  while (at < members.length) {
    if (members[at] === '\\' && at + 1 < members.length) at += 1;
    const first = members[at] ?? '';
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    const last = isRange ? (members[at + 2] ?? '') : first;
    if ((first <= character && character <= last) || (last <= character && character <= first)) return true;
    at += isRange ? 3 : 1;
  }
  return false;
}

function itemMatches(item: string, character: string): boolean {
  if (item === '?') return true;
  if (item.length > 1 && item[0] === '\\') return item[1] === character;
  if (item[0] !== '[') return item === character;
  const isNegated = item[1] === '^';
  const members = item.slice(isNegated ? 2 : 1, item.at(-1) === ']' ? -1 : undefined);
  return classHolds(members, character) !== isNegated;
}

/** True if `pattern` describes all of `text`; both are compared as they are. Takes time within their product. */
export function matchesGlob(pattern: string, text: string): boolean {
  if (pattern.length > patternBytesMax) return false;
  let at = 0;
  let position = 0;
  // Where to go on if the items behind the last star do not match: the star takes one character more.
  let behindStar = -1;
  let retryAt = 0;
  while (position < text.length) {
    if (pattern[at] === '*') {
      at += 1;
      behindStar = at;
      retryAt = position;
      continue;
    }
    const length = at < pattern.length ? itemLength(pattern, at) : 0;
    if (length > 0 && itemMatches(pattern.slice(at, at + length), text[position] ?? '')) {
      at += length;
      position += 1;
    } else if (behindStar >= 0) {
      retryAt += 1;
      at = behindStar;
      position = retryAt;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
