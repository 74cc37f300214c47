/** What the command is called, and which version it is. */
import { createRequire } from 'node:module';

export const commandName = 'xstate-raft';

export function versionOfPackage(): string {
  // Its own name works from the sources and from dist alike.
  const read = createRequire(import.meta.url);
  return (read('xstate-raft/package.json') as { version: string }).version; // npm insists on one
}
