/** The data folder. A name that was made, changed or removed in it is durable only once the folder itself is synced. */
import path from 'node:path';
import { DiskFile } from './diskFile.ts';
import { StorageFailed } from './errors.ts';
import type { Files, OpenFlags } from './files.ts';

export class DiskFolder {
  readonly files: Files;
  readonly path: string;

  /** @param folder an absolute path */
  constructor(files: Files, folder: string) {
    this.files = files;
    this.path = folder;
  }

  /** Makes the folder if it is not there; its own name is durable then, too. */
  async make(): Promise<void> {
    const topmost = await this.#try('make', this.path, this.files.makeFolder(this.path));
    if (topmost === undefined) return;
    for (let made = this.path; made.length >= topmost.length; made = path.dirname(made)) {
      await syncFolder(this.files, path.dirname(made));
    }
  }

  pathOf(name: string): string {
    return path.join(this.path, name);
  }

  list(): Promise<string[]> {
    return this.#try('list', this.path, this.files.list(this.path));
  }

  open(name: string, flags: OpenFlags): Promise<DiskFile> {
    return DiskFile.open(this.files, this.pathOf(name), flags);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#try('rename', this.pathOf(from), this.files.rename(this.pathOf(from), this.pathOf(to)));
  }

  unlink(name: string): Promise<void> {
    return this.#try('remove', this.pathOf(name), this.files.unlink(this.pathOf(name)));
  }

  sync(): Promise<void> {
    return syncFolder(this.files, this.path);
  }

  async #try<T>(action: string, target: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new StorageFailed(action, target, cause);
    }
  }
}

async function syncFolder(files: Files, folder: string): Promise<void> {
  const opened = await DiskFile.open(files, folder, 'r');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
