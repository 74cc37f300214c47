/**
 * Keeps two processes off one data folder. Node has no flock, so each process that wants the folder first leaves a file
 * whose name says who it is, then looks for the files of others. Of two that do so at once at least one sees the other
 * and gives way; maybe both do, but never do both go on. No name is used twice, so that the file of a process that is
 * gone (kill -9, a reboot) can be removed by anyone at any time.
 *
 * A process id comes back soon, above all in a container, so the name also holds when the process was started. What
 * this cannot see: processes on another machine, or in another pid namespace, that share the folder.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import type { DiskFolder } from './diskFolder.ts';
import { DataFolderInUse, StorageFailed } from './errors.ts';

const unknownStart = 'unknown';

interface Holder {
  readonly pid: number;
  readonly start: string;
}

export class FolderLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws DataFolderInUse, StorageFailed */
  static async acquire(folder: DiskFolder): Promise<FolderLock> {
    const { pid } = process;
    const name = `lock.${pid}.${startOf(pid) ?? unknownStart}.${randomBytes(8).toString('hex')}`;
    const lock = new FolderLock(folder.pathOf(name));
    try {
      await writeFile(lock.#path, '', { flag: 'wx' });
      await refuseOthers(folder, name);
    } catch (cause) {
      await lock.release();
      throw cause instanceof DataFolderInUse ? cause : new StorageFailed('lock', folder.path, cause);
    }
    return lock;
  }

  release(): Promise<void> {
    return rm(this.#path, { force: true });
  }
}

/** @throws DataFolderInUse if the file of a living process is there besides `own` */
async function refuseOthers(folder: DiskFolder, own: string): Promise<void> {
  for (const name of await readdir(folder.path)) {
    const holder = holderOf(name);
    if (!holder || name === own) continue;
    const path = folder.pathOf(name);
    if (isAlive(holder)) throw new DataFolderInUse(folder.path, holder.pid, path);
    await rm(path, { force: true });
  }
}

/** Undefined if the name is not that of a lock. */
function holderOf(name: string): Holder | undefined {
  const [, pid, start] = /^lock\.(\d+)\.([-\w]+)\.[\da-f]+$/.exec(name) ?? [];
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start };
}

function isAlive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other error means that the process is there, but not ours to signal.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  const startNow = startOf(pid) ?? unknownStart;
  return startNow === start || startNow === unknownStart || start === unknownStart;
}

/**
 * When a process was started: the machine's boot, and the clock ticks since then; "ended" for one that nobody has
 * waited for yet. Undefined where /proc does not tell.
 */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may itself hold brackets and blanks.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? 'ended' : `${boot}-${fields[18]}`;
  } catch {
    return undefined;
  }
}
