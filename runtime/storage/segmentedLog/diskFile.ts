/** One open file. Whatever fails names the path, which Node's errors on descriptors do not. */
import { StorageFailed } from './errors.ts';
import { type Files, type OpenFlags, writeAll } from './files.ts';

export class DiskFile {
  readonly files: Files;
  readonly fd: number;
  /** Kept up to date by whoever renames the file. */
  path: string;

  private constructor(files: Files, path: string, fd: number) {
    this.files = files;
    this.path = path;
    this.fd = fd;
  }

  /** @throws StorageFailed, here as in every method */
  static async open(files: Files, path: string, flags: OpenFlags): Promise<DiskFile> {
    try {
      return new DiskFile(files, path, await files.open(path, flags));
    } catch (cause) {
      throw new StorageFailed('open', path, cause);
    }
  }

  size(): Promise<number> {
    return this.#try('look at', this.files.size(this.fd));
  }

  /** Fills `target` from `position` on, or as much of it as the file has; returns the bytes read. */
  async read(target: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < target.byteLength) {
      const count = await this.#try(
        'read',
        this.files.read(this.fd, target.subarray(filled), position + filled),
      );
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      writeAll(this.files, this.fd, [bytes], position, (error) => (error ? reject(error) : resolve()));
    });
    return this.#try('write', written);
  }

  truncate(bytes: number): Promise<void> {
    return this.#try('shorten', this.files.truncate(this.fd, bytes));
  }

  /** The file's bytes and its size are durable when it settles. */
  sync(): Promise<void> {
    return this.#try('sync', this.files.fsync(this.fd));
  }

  close(): Promise<void> {
    return this.#try('close', this.files.close(this.fd));
  }

  async #try<T>(action: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw new StorageFailed(action, this.path, cause);
    }
  }
}
