/** The built page on a port of its own, as any file server would give it. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PreviewServer, preview } from 'vite';

const configFile = fileURLToPath(new URL('../../page/vite.config.ts', import.meta.url));
const viteCommand = fileURLToPath(new URL('../../node_modules/vite/bin/vite.js', import.meta.url));

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Builds the page from its sources into a folder, in place of what is there. */
export async function buildPage(outDir: string): Promise<void> {
  // As `npm run build` does, in a process without the test's loaders.
  const flags = ['--config', configFile, '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'];
  await promisify(execFile)(process.execPath, [viteCommand, 'build', ...flags]);
}

/** The folder that it is built into goes when the server does. */
export async function servePage(): Promise<PageServer> {
  const outDir = await mkdtemp(join(tmpdir(), 'xstate-raft-page-'));
  await buildPage(outDir);
  const server: PreviewServer = await preview({
    ...{ configFile, logLevel: 'error', build: { outDir } },
    preview: { host: '127.0.0.1', port: 0 },
  });
  const [url = ''] = server.resolvedUrls?.local ?? [];
  return {
    url,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true });
    },
  };
}
