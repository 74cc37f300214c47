/** The log of runs on the real clock: a Markdown file that grows at its end. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

const title = `# Runs on the real clock

Each section is one \`npm run test:realtime\`, appended by it with \`--evidence\`.
`;

/** The commit that is checked out, and whether anything but the log differs from it. */
export function commitOfCheckout(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', '.', ':!docs/evidence');
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' (dirty)' : ''}`;
}

export function appendEvidence(file: string, section: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  appendFileSync(file, `${existsSync(file) ? '' : title}\n${section}\n`);
}
