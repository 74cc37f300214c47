/** The files of the page, as the build has written them. Only names that were there at the start are ever looked up. */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Where the build of this package puts it. */
export function pageFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('xstate-raft/package.json');
  return path.join(path.dirname(manifest), 'dist', 'page');
}

export class PageFiles {
  readonly #folder: string;
  /** By the path of a request. */
  readonly #names: ReadonlyMap<string, string>;

  private constructor(folder: string, names: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#names = names;
  }

  /** A folder that is not there is an empty one: the page was not built. */
  static async of(folder: string): Promise<PageFiles> {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const names = found
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    const byPath = new Map(names.map((name) => [`/${name.split(path.sep).join('/')}`, name]));
    // The page itself, which knows by its name that there is a cluster to be looked at.
    const index = byPath.get('/live.html') ?? byPath.get('/index.html');
    if (index !== undefined) byPath.set('/', index);
    return new PageFiles(folder, byPath);
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** Undefined: there is none. */
  async read(requestPath: string): Promise<PageFile | undefined> {
    const name = this.#names.get(requestPath);
    if (name === undefined) return undefined;
    const type = types[path.extname(name)] ?? 'application/octet-stream';
    return { type, bytes: await readFile(path.join(this.#folder, name)) };
  }
}
