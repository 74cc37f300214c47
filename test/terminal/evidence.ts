/** A log of long runs: a Markdown file that grows at its end. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/** The commit that is checked out, and whether anything but the log differs from it. */
export function commitOfCheckout(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '.', ':!docs/evidence');
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' (dirty)' : ''}`;
}

/** @param title stands at the head of a new file */
export function appendEvidence(file: string, title: string, section: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const head = `# ${title}\n\nEach section is one command, which appended it with \`--evidence\`.\n`;
  appendFileSync(file, `${existsSync(file) ? '' : head}\n${section}\n`);
}
