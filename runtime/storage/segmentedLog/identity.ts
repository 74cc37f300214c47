/** Whose data folder it is. The file is the last thing made when a folder is first used: with it, the log is there. */
import type { DiskFolder } from './diskFolder.ts';
import { CorruptLog, type FolderIdentity, ForeignDataFolder, UnknownFormat } from './errors.ts';
import { identityDraftName, identityName } from './fileNames.ts';

const folderFormatVersion = 1;

/**
 * True if the folder was used by this node before, false if by none.
 * @throws ForeignDataFolder, UnknownFormat, CorruptLog, StorageFailed
 */
export async function isOwnFolder(folder: DiskFolder, me: FolderIdentity): Promise<boolean> {
  const names = await folder.list();
  if (!names.includes(identityName)) return false;
  const path = folder.pathOf(identityName);
  const owner = parse(await readText(folder), path);
  if (owner.clusterId !== me.clusterId || owner.nodeId !== me.nodeId || owner.group !== me.group) {
    throw new ForeignDataFolder(folder.path, owner, me);
  }
  return true;
}

/** Durable when it settles. */
export async function writeIdentity(
  folder: DiskFolder,
  { clusterId, nodeId, group }: FolderIdentity,
): Promise<void> {
  const content = { format: folderFormatVersion, clusterId, nodeId, group };
  const file = await folder.open(identityDraftName, 'wx+');
  try {
    await file.write(Buffer.from(`${JSON.stringify(content)}\n`), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await folder.rename(identityDraftName, identityName);
  await folder.sync();
}

async function readText(folder: DiskFolder): Promise<string> {
  const file = await folder.open(identityName, 'r');
  try {
    const bytes = Buffer.alloc(await file.size());
    await file.read(bytes, 0);
    return bytes.toString();
  } finally {
    await file.close();
  }
}

function parse(text: string, path: string): FolderIdentity {
  const content = parseObject(text, path);
  const { format, clusterId, nodeId, group } = content;
  if (typeof format === 'number' && format !== folderFormatVersion) {
    throw new UnknownFormat(path, format, folderFormatVersion);
  }
  if (typeof clusterId !== 'string' || typeof nodeId !== 'string' || typeof group !== 'number') {
    throw new CorruptLog(path, 0, 'it does not name a cluster, a node and a group');
  }
  return { clusterId, nodeId, group };
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return { ...content };
  } catch {
    // Said below, with what to do.
  }
  throw new CorruptLog(path, 0, 'it is no JSON object');
}
