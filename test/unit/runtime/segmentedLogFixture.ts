/** What the tests of the segmented log share: folders that vanish, groups to write, a model to compare with. */
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  type EntryBlock,
  EntryKind,
  entryHeaderBytes,
  readEntry,
  writeEntry,
} from '../../../machines/entry.ts';
import type {
  HardState,
  SnapshotId,
  StagedSnapshot,
  Storage,
  StoredSnapshot,
  StoredState,
  WriteGroup,
} from '../../../machines/ports.ts';
import { type Files, nodeFiles } from '../../../runtime/storage/segmentedLog/files.ts';
import {
  openSegmentedLog,
  type SegmentedLogOptions,
} from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';

export const identity = { clusterId: 'cluster-a', nodeId: 'n1' };

/** The smallest there is: a header and 4096 bytes of records. */
export const segmentBytes = 8192;
export const headerBytes = 4096;

/** Folders and storages of one `describe`, closed and removed after each test. */
export class Workplace {
  readonly #folders: string[] = [];
  readonly #storages: Storage[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'segmented-log-'));
    this.#folders.push(folder);
    return folder;
  }

  async open(folder: string, options: SegmentedLogOptions = {}): Promise<Storage> {
    const storage = await openSegmentedLog(folder, identity, { segmentBytes, ...options });
    this.#storages.push(storage);
    return storage;
  }

  /** What a crash leaves: the files as they stand, without the lock, whose holder is gone. */
  async copy(folder: string): Promise<string> {
    const copy = await this.folder();
    for (const name of await readdir(folder)) {
      if (name.startsWith('lock.')) continue;
      await copyFile(path.join(folder, name), path.join(copy, name)).catch((error) => {
        // Renamed or removed meanwhile, by the work in the background.
        if (error.code !== 'ENOENT') throw error;
      });
    }
    return copy;
  }

  async closeAll(): Promise<void> {
    for (const storage of this.#storages.splice(0)) await storage.close();
  }

  async cleanUp(): Promise<void> {
    await this.closeAll();
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true });
  }
}

export function useWorkplace(): Workplace {
  const workplace = new Workplace();
  afterEach(() => workplace.cleanUp());
  return workplace;
}

/** Entries from `firstIndex` on, one for each payload. */
export function block(firstIndex: number, term: number, payloads: readonly (string | number)[]): EntryBlock {
  const contents = payloads.map((payload) =>
    typeof payload === 'string' ? Buffer.from(payload) : Buffer.alloc(payload, 'x'),
  );
  const bytes = new Uint8Array(contents.reduce((sum, payload) => sum + entryHeaderBytes + payload.length, 0));
  let offset = 0;
  contents.forEach((payload, i) => {
    const entry = { index: firstIndex + i, term, kind: EntryKind.command, service: 0, payload };
    offset = writeEntry(bytes, offset, entry);
  });
  return { firstIndex, count: contents.length, bytes };
}

/** Settles when the group is durable. */
export function write(storage: Storage, group: WriteGroup): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.write(group, (error) => (error ? reject(error) : resolve()));
  });
}

export async function stage(
  storage: Storage,
  id: SnapshotId,
  ...chunks: readonly string[]
): Promise<StagedSnapshot> {
  const staged = storage.stageSnapshot(id);
  for (const chunk of chunks) await staged.add(Buffer.from(chunk));
  return staged;
}

export async function textOf(snapshot: StoredSnapshot | undefined): Promise<string | undefined> {
  return snapshot && Buffer.from(await snapshot.read(0, snapshot.size)).toString();
}

/** The error that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

export interface PlainState extends HardState {
  readonly snapshot: SnapshotId;
  /** As "index:term:payload". */
  readonly entries: readonly string[];
}

export function plain({ term, votedFor, snapshot, entries }: StoredState): PlainState {
  const { index, term: snapshotTerm } = snapshot;
  return {
    term,
    votedFor,
    snapshot: { index, term: snapshotTerm },
    entries: entries.flatMap((each) => linesOf(each)),
  };
}

function linesOf({ firstIndex, count, bytes }: EntryBlock): string[] {
  const lines: string[] = [];
  let offset = 0;
  for (let i = 0; i < count; i += 1) {
    const { index, term, payload } = readEntry(bytes, offset);
    if (index !== firstIndex + i)
      throw new Error(`entry ${index} stands where ${firstIndex + i} is expected`);
    lines.push(`${index}:${term}:${Buffer.from(payload).toString()}`);
    offset += entryHeaderBytes + payload.byteLength;
  }
  if (offset !== bytes.byteLength) throw new Error('bytes are left over behind the last entry');
  return lines;
}

/** What a storage is to hold, in a few lines. */
export class Model {
  #hardState: HardState = { term: 0, votedFor: null };
  #snapshot: SnapshotId = { index: 0, term: 0 };
  #lines: string[] = [];

  get state(): PlainState {
    return { ...this.#hardState, snapshot: this.#snapshot, entries: [...this.#lines] };
  }
  get lastIndex(): number {
    return this.#snapshot.index + this.#lines.length;
  }

  termAt(index: number): number | undefined {
    if (index === this.#snapshot.index) return this.#snapshot.term;
    const line = this.#lines[index - this.#snapshot.index - 1];
    return line === undefined ? undefined : Number(line.split(':')[1]);
  }

  copy(): Model {
    const copy = new Model();
    copy.#hardState = this.#hardState;
    copy.#snapshot = this.#snapshot;
    copy.#lines = [...this.#lines];
    return copy;
  }

  apply({ hardState, snapshot, truncateFrom, entries }: WriteGroup): void {
    if (hardState) this.#hardState = hardState;
    if (snapshot && snapshot.index > this.#snapshot.index) {
      const { index, term } = snapshot;
      const continues = this.termAt(index) === term;
      this.#lines = continues ? this.#lines.slice(index - this.#snapshot.index) : [];
      this.#snapshot = { index, term };
    }
    if (truncateFrom !== undefined) this.#lines.splice(Math.max(0, truncateFrom - this.#snapshot.index - 1));
    if (entries) this.#lines.push(...linesOf(entries));
  }
}

/** The segments of a folder that have the log's name, oldest first, as paths. */
export async function segmentsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /^log-\d+\.segment$/.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}

/** Where the records of a segment stand, without the padding behind them, by their own account. */
export function recordsOf(segment: Buffer): { from: number; to: number }[] {
  const epoch = segment.readUIntLE(18, 6);
  const records: { from: number; to: number }[] = [];
  let from = headerBytes;
  while (from + 32 <= segment.byteLength && segment.readUIntLE(from + 8, 6) === epoch) {
    const to = from + 32 + segment.readUInt16LE(from + 14) + segment.readUInt32LE(from + 24);
    records.push({ from, to });
    from = Math.ceil(to / 8) * 8;
  }
  return records;
}

type FileAction = 'writev' | 'fdatasync' | 'fsync' | 'open' | 'rename' | 'unlink' | 'read';

/** The real file system, counted, and failing where it is told to. */
export class FaultyFiles implements Files {
  /** What was done, as "action path". */
  readonly calls: string[] = [];
  /** The largest number of bytes that a write takes at once. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  /** What reads wait for, and what syncs of data wait for. */
  readGate: Promise<void> = Promise.resolve();
  syncGate: Promise<void> = Promise.resolve();
  readonly #paths = new Map<number, string>();
  #faults: { action: FileAction; path: RegExp; error: Error }[] = [];

  /** Lets the next such call on a matching path fail. */
  failNext(action: FileAction, file: RegExp, code: string): void {
    const error = Object.assign(new Error(`${code}: as the test wants it`), { code });
    this.#faults.push({ action, path: file, error });
  }

  callsOf(action: FileAction): string[] {
    return this.calls.filter((call) => call.startsWith(`${action} `));
  }

  #faultOf(action: FileAction, file: string): Error | undefined {
    this.calls.push(`${action} ${file}`);
    const fault = this.#faults.find((each) => each.action === action && each.path.test(file));
    this.#faults = this.#faults.filter((each) => each !== fault);
    return fault?.error;
  }

  #throwFaultOf(action: FileAction, file: string): void {
    const fault = this.#faultOf(action, file);
    if (fault) throw fault;
  }

  #pathOf(fd: number): string {
    return this.#paths.get(fd) ?? '';
  }

  readonly writev: Files['writev'] = (fd, parts, position, done) => {
    const fault = this.#faultOf('writev', this.#pathOf(fd));
    if (fault) {
      setImmediate(() => done(fault, 0));
      return;
    }
    const [first = new Uint8Array(0)] = parts;
    const isCut = Number.isFinite(this.writeBytesMax);
    nodeFiles.writev(fd, isCut ? [first.subarray(0, this.writeBytesMax)] : parts, position, done);
  };
  readonly fdatasync: Files['fdatasync'] = (fd, bytes, done) => {
    const fault = this.#faultOf('fdatasync', this.#pathOf(fd));
    if (fault) setImmediate(() => done(fault));
    else this.syncGate.then(() => nodeFiles.fdatasync(fd, bytes, done));
  };
  readonly open: Files['open'] = async (file, flags) => {
    this.#throwFaultOf('open', file);
    const fd = await nodeFiles.open(file, flags);
    this.#paths.set(fd, file);
    return fd;
  };
  readonly read: Files['read'] = async (fd, target, position) => {
    this.#throwFaultOf('read', this.#pathOf(fd));
    await this.readGate;
    return nodeFiles.read(fd, target, position);
  };
  readonly fsync: Files['fsync'] = async (fd) => {
    this.#throwFaultOf('fsync', this.#pathOf(fd));
    return nodeFiles.fsync(fd);
  };
  readonly rename: Files['rename'] = async (from, to) => {
    this.#throwFaultOf('rename', from);
    for (const [fd, file] of this.#paths) if (file === from) this.#paths.set(fd, to);
    return nodeFiles.rename(from, to);
  };
  readonly unlink: Files['unlink'] = async (file) => {
    this.#throwFaultOf('unlink', file);
    return nodeFiles.unlink(file);
  };
  readonly close: Files['close'] = async (fd) => {
    this.calls.push(`close ${this.#pathOf(fd)}`);
    return nodeFiles.close(fd);
  };
  readonly size = nodeFiles.size;
  readonly truncate = nodeFiles.truncate;
  readonly list = nodeFiles.list;
  readonly makeFolder = nodeFiles.makeFolder;
}
