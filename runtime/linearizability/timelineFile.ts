/** Writes a timeline to a file. This alone of the checker needs Node. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** @returns the file's path; without `path` it is a temporary file, of the same name for the same timeline */
export function writeTimeline(html: string, path?: string): string {
  const name = createHash('sha256').update(html).digest('hex').slice(0, 12);
  const file = path === undefined ? join(tmpdir(), `linearizability-${name}.html`) : resolve(path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, html);
  return file;
}
