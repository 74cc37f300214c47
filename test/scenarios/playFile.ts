/** The scripts as files. */
import { readFile, writeFile } from 'node:fs/promises';
import { playScript } from 'xstate-raft/testing';

/** A script's text as it is and as it should be; `rewrite` makes the file what it should be. */
export async function playFile(
  path: string,
  { rewrite, name = path }: { rewrite: boolean; name?: string },
): Promise<{ written: string; played: string }> {
  const written = await readFile(path, 'utf8');
  const played = await playScript(written, name);
  if (!rewrite) return { written, played };
  if (played !== written) await writeFile(path, played);
  return { written: played, played };
}
