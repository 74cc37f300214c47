/** What the log asks of the file system: a seam as small as can be, through which tests let a disk fail. */
import fs from 'node:fs';
import { loopWriteBytesMax } from './storageLimits.ts';
import { SyncPlace } from './syncPlace.ts';

export type OpenFlags = 'r' | 'r+' | 'wx+';

export interface Files {
  // The path of every write: callbacks, so that no promise is made for one.
  /** May write fewer bytes than were given, as the system call does. */
  writev(
    fd: number,
    parts: readonly Uint8Array[],
    position: number,
    done: (error: Error | null, bytesWritten: number) => void,
  ): void;
  /** `bytes` have been written since the last one. May call `done` before it returns. */
  fdatasync(fd: number, bytes: number, done: (error: Error | null) => void): void;

  open(path: string, flags: OpenFlags): Promise<number>;
  close(fd: number): Promise<void>;
  /** Returns the bytes read, which may be fewer than fit; 0 at the end of the file. */
  read(fd: number, target: Uint8Array, position: number): Promise<number>;
  /** bytes */
  size(fd: number): Promise<number>;
  truncate(fd: number, bytes: number): Promise<void>;
  fsync(fd: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** Makes the folder with those above it, and returns the topmost one made, if any. */
  makeFolder(path: string): Promise<string | undefined>;
}

/** Adapts a callback of Node to a promise. */
function promised<T>(start: (done: (error: Error | null, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)));
  });
}

/** Of the logs of this process: they share its loop, and nearly always a disk. */
const syncPlace = new SyncPlace();

export const nodeFiles: Files = {
  writev: (fd, parts, position, done) => {
    let bytes = 0;
    for (const part of parts) bytes += part.byteLength;
    if (bytes > loopWriteBytesMax) fs.writev(fd, parts, position, done);
    else writeAtOnce(fd, parts, position, done);
  },
  fdatasync: (fd, bytes, done) => {
    // However quick the disk is: so many take it longer.
    if (bytes > loopWriteBytesMax) {
      fs.fdatasync(fd, done);
      return;
    }
    const begun = performance.now();
    const note = (error: Error | null): void => {
      syncPlace.note(performance.now() - begun);
      done(error);
    };
    if (syncPlace.isLoop) note(syncAtOnce(fd));
    else fs.fdatasync(fd, note);
  },
  open: (path, flags) => promised((done) => fs.open(path, flags, done)),
  close: (fd) => promised((done) => fs.close(fd, (error) => done(error ?? null, undefined))),
  read: (fd, target, position) =>
    promised((done) => fs.read(fd, target, 0, target.byteLength, position, done)),
  size: async (fd) => (await promised<fs.Stats>((done) => fs.fstat(fd, done))).size,
  truncate: (fd, bytes) => promised((done) => fs.ftruncate(fd, bytes, (error) => done(error, undefined))),
  fsync: (fd) => promised((done) => fs.fsync(fd, (error) => done(error, undefined))),
  rename: (from, to) => promised((done) => fs.rename(from, to, (error) => done(error, undefined))),
  unlink: (path) => promised((done) => fs.unlink(path, (error) => done(error, undefined))),
  list: (folder) => promised((done) => fs.readdir(folder, done)),
  makeFolder: (path) => promised((done) => fs.mkdir(path, { recursive: true }, done)),
};

/** On the event loop. */
function syncAtOnce(fd: number): Error | null {
  try {
    fs.fdatasyncSync(fd);
    return null;
  } catch (error) {
    return error as Error; // what Node's functions throw
  }
}

/** On the event loop: a short write is a copy into the system's cache, dearer by far where it goes to another thread. */
function writeAtOnce(
  fd: number,
  parts: readonly Uint8Array[],
  position: number,
  done: (error: Error | null, bytesWritten: number) => void,
): void {
  let written: number;
  try {
    written = fs.writevSync(fd, parts, position);
  } catch (error) {
    done(error as Error, 0); // what Node's functions throw
    return;
  }
  done(null, written);
}

/** Writes all parts one behind the other, however many bytes the system takes at a time. */
export function writeAll(
  files: Files,
  fd: number,
  parts: readonly Uint8Array[],
  position: number,
  done: (error: Error | null) => void,
): void {
  files.writev(fd, parts, position, (error, written) => {
    if (error) return done(error);
    const rest = partsBehind(parts, written);
    if (rest.length === 0) return done(null);
    // Zero bytes without an error would repeat for ever.
    if (written === 0) return done(new Error('the system took no bytes'));
    writeAll(files, fd, rest, position + written, done);
  });
}

function partsBehind(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let left = written;
  for (const [i, part] of parts.entries()) {
    if (left < part.byteLength) return [part.subarray(left), ...parts.slice(i + 1)];
    left -= part.byteLength;
  }
  return [];
}
