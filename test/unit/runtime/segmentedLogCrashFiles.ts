/**
 * A file system in memory that can lose its power. What was not synced by then is lost at random, sector by sector and
 * in any order within a file; changes to a folder that were not synced are lost from some point on.
 */
import type { Files } from '../../../runtime/storage/segmentedLog/files.ts';

const sectorBytes = 512;

interface Inode {
  content: Buffer;
  durable: Buffer;
  unsynced: { position: number; bytes: Buffer }[];
}

type Names = Map<string, Inode>;

/** What outlives a process. */
interface Disk {
  names: Names;
  durableNames: Names;
  unsyncedChanges: ((names: Names) => void)[];
}

/** @param chance in [0, 1), whose numbers decide what is lost */
export class CrashFiles implements Files {
  readonly #chance: () => number;
  readonly #folder: string;
  readonly #disk: Disk;
  readonly #open = new Map<number, Inode | 'folder'>();
  #nextFd = 1;
  #stepsLeft: number;
  /** What was begun and has not come to its end never does. */
  #isGone = false;
  #stop: () => void = () => {};
  /** Settles when the process is stopped: nothing that it asked for after that ever happens. */
  readonly stopped = new Promise<void>((resolve) => {
    this.#stop = resolve;
  });

  constructor(folder: string, chance: () => number, stepsLeft = Number.POSITIVE_INFINITY, disk?: Disk) {
    this.#folder = folder;
    this.#chance = chance;
    this.#stepsLeft = stepsLeft;
    this.#disk = disk ?? { names: new Map(), durableNames: new Map(), unsyncedChanges: [] };
  }

  /** The process is gone, the machine is not: nothing that was written is lost yet. */
  afterKill(stepsLeft?: number): CrashFiles {
    this.#isGone = true;
    return new CrashFiles(this.#folder, this.#chance, stepsLeft, this.#disk);
  }

  afterPowerLoss(stepsLeft?: number): CrashFiles {
    this.#isGone = true;
    const { durableNames, unsyncedChanges } = this.#disk;
    const kept = unsyncedChanges.slice(0, Math.floor(this.#chance() * (unsyncedChanges.length + 1)));
    for (const change of kept) change(durableNames);
    const names: Names = new Map();
    for (const [name, inode] of durableNames) names.set(name, this.#whatIsLeftOf(inode));
    const disk = { names, durableNames: new Map(names), unsyncedChanges: [] };
    return new CrashFiles(this.#folder, this.#chance, stepsLeft, disk);
  }

  #whatIsLeftOf({ durable, unsynced }: Inode): Inode {
    let content: Buffer = Buffer.from(durable);
    const keeps = [0, 0.5, 0.9, 1][Math.floor(this.#chance() * 4)] ?? 0;
    for (const { position, bytes } of unsynced) {
      for (let from = 0; from < bytes.byteLength; ) {
        const to = Math.min(bytes.byteLength, from + sectorBytes - ((position + from) % sectorBytes));
        if (this.#chance() < keeps) content = withWritten(content, position + from, bytes.subarray(from, to));
        from = to;
      }
    }
    return { content, durable: Buffer.from(content), unsynced: [] };
  }

  /** Every change is a step; after the last one nothing happens any more, and nobody hears of it. */
  #step<T>(change: () => T): Promise<T> {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) {
      this.#stop();
      return new Promise(() => {});
    }
    // Now and then one takes longer than all that is under way beside it.
    const turns = this.#chance() < 0.1 ? Math.floor(this.#chance() * 40) : 0;
    return afterTurns(turns).then(() => (this.#isGone ? new Promise<T>(() => {}) : change()));
  }

  #inodeOf(fd: number): Inode {
    const inode = this.#open.get(fd);
    if (inode === undefined || inode === 'folder') throw new Error(`${fd} is no open file`);
    return inode;
  }

  #changeNames(change: (names: Names) => void): void {
    change(this.#disk.names);
    this.#disk.unsyncedChanges.push(change);
  }

  readonly open: Files['open'] = (file, flags) =>
    this.#step(() => {
      const fd = this.#nextFd;
      this.#nextFd += 1;
      const known = this.#disk.names.get(file);
      if (file === this.#folder) this.#open.set(fd, 'folder');
      else if (flags === 'wx+') {
        if (known) throw new Error(`EEXIST ${file}`);
        const inode: Inode = { content: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] };
        this.#changeNames((names) => names.set(file, inode));
        this.#open.set(fd, inode);
      } else {
        if (!known) throw new Error(`ENOENT ${file}`);
        this.#open.set(fd, known);
      }
      return fd;
    });
  readonly close: Files['close'] = async (fd) => {
    this.#open.delete(fd);
  };
  readonly writev: Files['writev'] = (fd, parts, position, done) => {
    this.#step(() => {
      const inode = this.#inodeOf(fd);
      const bytes = Buffer.concat(parts);
      inode.content = withWritten(inode.content, position, bytes);
      inode.unsynced.push({ position, bytes });
      return bytes.byteLength;
    }).then((written) => done(null, written));
  };
  readonly fdatasync: Files['fdatasync'] = (fd, _bytes, done) => {
    this.fsync(fd).then(() => done(null));
  };
  readonly fsync: Files['fsync'] = (fd) =>
    this.#step(() => {
      if (this.#open.get(fd) === 'folder') {
        const { durableNames, unsyncedChanges } = this.#disk;
        for (const change of unsyncedChanges.splice(0)) change(durableNames);
        return;
      }
      const inode = this.#inodeOf(fd);
      inode.durable = Buffer.from(inode.content);
      inode.unsynced = [];
    });
  readonly read: Files['read'] = async (fd, target, position) => {
    const bytes = this.#inodeOf(fd).content.subarray(position, position + target.byteLength);
    target.set(bytes);
    return bytes.byteLength;
  };
  readonly size: Files['size'] = async (fd) => this.#inodeOf(fd).content.byteLength;
  readonly truncate: Files['truncate'] = (fd, bytes) =>
    this.#step(() => {
      const inode = this.#inodeOf(fd);
      inode.content = Buffer.from(inode.content.subarray(0, bytes));
    });
  readonly rename: Files['rename'] = (from, to) =>
    this.#step(() => {
      const inode = this.#disk.names.get(from);
      if (!inode) throw new Error(`ENOENT ${from}`);
      this.#changeNames((names) => {
        names.delete(from);
        names.set(to, inode);
      });
    });
  readonly unlink: Files['unlink'] = (file) =>
    this.#step(() => {
      if (!this.#disk.names.has(file)) throw new Error(`ENOENT ${file}`);
      this.#changeNames((names) => names.delete(file));
    });
  readonly list: Files['list'] = async (folder) =>
    [...this.#disk.names.keys()].map((file) => file.slice(folder.length + 1));
  readonly makeFolder: Files['makeFolder'] = async () => undefined;
}

async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function withWritten(content: Buffer, position: number, bytes: Uint8Array): Buffer {
  const end = position + bytes.byteLength;
  const target =
    end > content.byteLength ? Buffer.concat([content, Buffer.alloc(end - content.byteLength)]) : content;
  target.set(bytes, position);
  return target;
}
