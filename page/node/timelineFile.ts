/** A browser has no disk that a timeline could be written to. */
export function writeTimeline(): never {
  throw new Error('a page has no disk');
}
