/** Opens a data folder, or makes one: the order of the steps is what keeps a crash in between harmless. */
import path from 'node:path';
import { isIndex } from '../../../machines/entry.ts';
import type { Storage } from '../../../machines/ports.ts';
import { Background } from './background.ts';
import { DiskFolder } from './diskFolder.ts';
import { CorruptLog, type FolderIdentity, StorageMisused } from './errors.ts';
import { decodeFileHeader } from './fileHeader.ts';
import {
  identityName,
  isDraft,
  isSnapshot,
  isSpare,
  segmentName,
  segmentSequences,
  snapshotName,
  spareName,
} from './fileNames.ts';
import { type Files, nodeFiles } from './files.ts';
import { FolderLock } from './folderLock.ts';
import { isOwnFolder, writeIdentity } from './identity.ts';
import { findNewerRecord, RecordEncoder, recordEnd } from './record.ts';
import { LogRecovery, type RecoveredLog } from './recovery.ts';
import { Replay } from './replay.ts';
import { SegmentedLog } from './segmentedLog.ts';
import { SegmentPool } from './segmentPool.ts';
import { openSnapshot } from './snapshotFile.ts';
import {
  defaultSegmentBytes,
  defaultSpareSegmentsMax,
  nameBytesMax,
  segmentHeaderBytes,
} from './storageLimits.ts';

export interface SegmentedLogOptions {
  /** bytes of one file of the log: a multiple of 4096, at least twice that; 16 MiB unless given */
  readonly segmentBytes?: number;
  /** Files of the log that are kept for reuse after a compaction; 4 unless given. */
  readonly spareSegmentsMax?: number;
  /** The file system; a test gives one that fails. */
  readonly files?: Files;
}

/** What the steps below share. */
interface Opening {
  readonly folder: DiskFolder;
  readonly identity: FolderIdentity;
  readonly segmentBytes: number;
  readonly spareSegmentsMax: number;
}

/**
 * Opens the data folder of a node, and makes it on first use. One process has it at a time; a folder belongs to one
 * node for good.
 * @param folder is made, with the folders above it, if it is not there
 * @throws ForeignDataFolder, DataFolderInUse, CorruptLog, CorruptSnapshot, UnknownFormat, StorageFailed, StorageMisused
 */
export async function openSegmentedLog(
  folder: string,
  identity: { readonly clusterId: string; readonly nodeId: string; readonly group?: number },
  options: SegmentedLogOptions = {},
): Promise<Storage> {
  const opening: Opening = {
    folder: new DiskFolder(options.files ?? nodeFiles, path.resolve(folder)),
    identity: { group: 0, ...identity },
    segmentBytes: options.segmentBytes ?? defaultSegmentBytes,
    spareSegmentsMax: options.spareSegmentsMax ?? defaultSpareSegmentsMax,
  };
  check(opening);
  await opening.folder.make();
  // Before the lock: that a folder is foreign is worth more to know than that its owner is running.
  await isOwnFolder(opening.folder, opening.identity);
  const lock = await FolderLock.acquire(opening.folder);
  try {
    return await openLocked(opening, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function check({ identity, segmentBytes, spareSegmentsMax }: Opening): void {
  for (const name of [identity.clusterId, identity.nodeId]) {
    if (Buffer.byteLength(name) > nameBytesMax) {
      throw new StorageMisused(`The name ${name} is too long: at most ${nameBytesMax} bytes.`);
    }
  }
  if (!isIndex(identity.group) || identity.group > 0xffff) {
    throw new StorageMisused(`The group ${identity.group} is not in 0 to 65535.`);
  }
  if (segmentBytes % segmentHeaderBytes !== 0 || segmentBytes < 2 * segmentHeaderBytes) {
    throw new StorageMisused(`segmentBytes is ${segmentBytes}: it must be 8192 or more, a multiple of 4096.`);
  }
  if (!isIndex(spareSegmentsMax)) {
    throw new StorageMisused(`spareSegmentsMax is ${spareSegmentsMax}: it must be a number of files.`);
  }
}

async function openLocked(opening: Opening, lock: FolderLock): Promise<Storage> {
  const { folder, identity } = opening;
  const isOwn = await isOwnFolder(folder, identity);
  const names = await folder.list();
  if (!isOwn) await refuseUsed(folder, names);
  for (const name of names.filter(isDraft)) await folder.unlink(name);
  const log = isOwn
    ? await new LogRecovery(folder, identity.group, opening.segmentBytes).run(names)
    : await makeLog(opening);
  try {
    const id = log.state.snapshot;
    const snapshot = id.index > 0 ? await openSnapshot(folder, id, identity.group, names) : undefined;
    for (const name of names.filter(isSnapshot)) {
      if (name !== snapshotName(id)) await folder.unlink(name);
    }
    const spares = await gatherSpares(opening, names.filter(isSpare), log.superfluous);
    return new SegmentedLog({ ...opening, group: identity.group, lock, log, snapshot, spares });
  } catch (error) {
    for (const { file } of log.segments) await file.close();
    throw error;
  }
}

/**
 * A log whose identity file is lost must not be taken for a new folder. What is taken for one: a first segment in
 * which nothing was ever written but how it begins, left over by a first use that did not get to its end.
 */
async function refuseUsed(folder: DiskFolder, names: readonly string[]): Promise<void> {
  const sequences = segmentSequences(names);
  if (sequences.length === 0 && !names.some(isSnapshot)) return;
  if (sequences.length === 1 && sequences[0] === 1 && !names.some(isSnapshot)) {
    const file = await folder.open(segmentName(1), 'r');
    const bytes = Buffer.alloc(await file.size());
    await file.read(bytes, 0);
    await file.close();
    const epoch = decodeFileHeader('RAFTSEGM', bytes, file.path)?.second;
    const isUnused =
      epoch !== undefined && findNewerRecord(bytes, segmentHeaderBytes, epoch, 1, file.path) === undefined;
    if (isUnused) return folder.unlink(segmentName(1));
  }
  throw new CorruptLog(folder.pathOf(identityName), 0, 'it is missing, though the folder holds a log');
}

/** Makes the first segment, then the identity: a folder that has an identity has a log. */
async function makeLog({ folder, identity, ...options }: Opening): Promise<RecoveredLog> {
  const { group } = identity;
  const background = new Background();
  const pool = new SegmentPool({ ...options, folder, group, background, spares: [], nextSequence: 1 });
  const segment = await pool.take(false);
  const state = new Replay();
  try {
    const { hardState, snapshot, lastIndex } = state;
    const base = { hardState, snapshot, lastIndex };
    const record = new RecordEncoder(group).encode({ base }, segment.epoch, 1);
    await segment.file.write(record, segment.end);
    await segment.file.sync();
    segment.end = recordEnd(segment.end, record.byteLength);
    await writeIdentity(folder, identity);
  } catch (error) {
    await segment.file.close();
    throw error;
  }
  return { segments: [segment], superfluous: [], state, nextRecord: 2 };
}

/** Files that may be used as segments again; the others are removed. */
async function gatherSpares(
  { folder, segmentBytes, spareSegmentsMax }: Opening,
  names: readonly string[],
  superfluous: readonly number[],
): Promise<string[]> {
  const candidates = [...names];
  for (const sequence of superfluous) {
    const spare = spareName();
    await folder.rename(segmentName(sequence), spare);
    candidates.push(spare);
  }
  const spares: string[] = [];
  for (const name of candidates) {
    const file = await folder.open(name, 'r');
    const size = await file.size();
    await file.close();
    if (size === segmentBytes && spares.length < spareSegmentsMax) spares.push(name);
    else await folder.unlink(name);
  }
  // Before a segment of the same name is made again.
  await folder.sync();
  return spares;
}
