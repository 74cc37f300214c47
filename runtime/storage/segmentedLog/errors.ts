/** What can go wrong with a data folder. Each says which path is at fault and what to do. */

/** Losing what was acknowledged costs the cluster's safety, so the advice is never to start empty under the same name. */
const replaceNode =
  'Restore the folder from an intact copy of this very node, or put a new node with a new id in its place. ' +
  'Do not delete single files, and do not start this node with an emptied folder: it would forget its vote.';

/** The disk refused. Nothing is written after it: a second fsync may report success for data that is gone. */
export class StorageFailed extends Error {
  readonly code = 'StorageFailed';
  override readonly name = 'StorageFailed';
  readonly path: string;
  constructor(action: string, path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Could not ${action} ${path}: ${reason}. Nothing more is written. ${remedyFor(cause)}, then restart the node.`,
      { cause },
    );
    this.path = path;
  }
}

function remedyFor(cause: unknown): string {
  const errno = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (errno === 'ENOSPC' || errno === 'EDQUOT') return 'Free space on its disk';
  if (errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS')
    return 'Make it writable for this process';
  if (errno === 'ENOTDIR' || errno === 'EEXIST') return 'Choose a path where a folder can be made';
  return 'Check the disk';
}

/** Something that was acknowledged as durable cannot be read back. */
export class CorruptLog extends Error {
  readonly code = 'CorruptLog';
  override readonly name = 'CorruptLog';
  readonly path: string;
  /** Where in the file, in bytes. */
  readonly offset: number;
  constructor(path: string, offset: number, why: string) {
    super(`The log is damaged in ${path} at byte ${offset}: ${why}. ${replaceNode}`);
    this.path = path;
    this.offset = offset;
  }
}

export class CorruptSnapshot extends Error {
  readonly code = 'CorruptSnapshot';
  override readonly name = 'CorruptSnapshot';
  readonly path: string;
  constructor(path: string, why: string) {
    super(`The snapshot ${path} is damaged: ${why}. ${replaceNode}`);
    this.path = path;
  }
}

/** Written by a release that is newer than this one, or by one that is too old. */
export class UnknownFormat extends Error {
  readonly code = 'UnknownFormat';
  override readonly name = 'UnknownFormat';
  readonly path: string;
  readonly version: number;
  constructor(path: string, version: number, known: number) {
    super(
      `${path} has format version ${version}, this release knows version ${known}: ` +
        `start the node with a release that knows version ${version}.`,
    );
    this.path = path;
    this.version = version;
  }
}

/** Who a data folder belongs to. */
export interface FolderIdentity {
  readonly clusterId: string;
  readonly nodeId: string;
  readonly group: number;
}

/** The folder holds the log of another node: two nodes with one log could vote twice. */
export class ForeignDataFolder extends Error {
  readonly code = 'ForeignDataFolder';
  override readonly name = 'ForeignDataFolder';
  readonly path: string;
  constructor(path: string, owner: FolderIdentity, wanted: FolderIdentity) {
    super(
      `The data folder ${path} belongs to ${describe(owner)}, but was opened for ${describe(wanted)}: ` +
        'give this node a folder of its own, or correct its identity.',
    );
    this.path = path;
  }
}

function describe({ clusterId, nodeId, group }: FolderIdentity): string {
  return `node ${JSON.stringify(nodeId)} of cluster ${JSON.stringify(clusterId)}, group ${group}`;
}

export class DataFolderInUse extends Error {
  readonly code = 'DataFolderInUse';
  override readonly name = 'DataFolderInUse';
  readonly path: string;
  readonly pid: number;
  constructor(path: string, pid: number, lock: string) {
    super(
      `The data folder ${path} is in use by process ${pid}: stop that process first. ` +
        `If it is no node of this cluster (the folder is a copy), remove ${lock}.`,
    );
    this.path = path;
    this.pid = pid;
  }
}

export class StorageClosed extends Error {
  readonly code = 'StorageClosed';
  override readonly name = 'StorageClosed';
  constructor(path: string) {
    super(`The storage in ${path} is closed: open it again to use it.`);
  }
}

/** The caller broke the contract of `Storage`; what it asked for was not written. */
export class StorageMisused extends Error {
  readonly code = 'StorageMisused';
  override readonly name = 'StorageMisused';
}
