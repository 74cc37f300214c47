/** The same page once more as live.html, which looks at the cluster of the server that gives it. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export function livePagePlugin(): Plugin {
  return {
    name: 'live page',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const page = await readFile(join(dir, 'index.html'), 'utf8');
      await writeFile(
        join(dir, 'live.html'),
        page.replace('<html lang="en">', '<html lang="en" data-source="live">'),
      );
    },
  };
}
