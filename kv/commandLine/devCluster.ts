/** What `dev` remembers of a cluster, in its data folder: who its nodes are, and where they listen. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { NodeId } from '../../machines/configuration.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { CommandFailed } from './commandFailed.ts';

const port = z.int().min(1).max(65_535);

const schema = z.strictObject({
  version: z.literal(1),
  clusterId: z.string().min(1),
  nodes: z.array(z.strictObject({ id: z.string().min(1), redisPort: port, peerPort: port })).min(1),
});

export type DevCluster = z.infer<typeof schema>;
export type DevNode = DevCluster['nodes'][number];

const host = '127.0.0.1';

export const redisAddressOf = ({ redisPort }: DevNode): PeerAddress => ({ host, port: redisPort });
export const peerAddressOf = ({ peerPort }: DevNode): PeerAddress => ({ host, port: peerPort });

export function clusterPathOf(data: string): string {
  return path.join(data, 'cluster.json');
}

export function nodeFolderOf(data: string, id: NodeId): string {
  return path.join(data, id);
}

/** Nodes n1, n2, ... with their Redis ports from `base` on. */
export function nodesFrom(base: number, count: number): DevNode[] {
  return Array.from({ length: count }, (_, place) => ({
    ...{ id: `n${place + 1}`, redisPort: base + place, peerPort: base + 100 + place },
  }));
}

/** A cluster that no other is taken for, also if their ports come to be the same. */
export function newCluster(nodes: DevNode[]): DevCluster {
  return { version: 1, clusterId: `dev-${randomBytes(4).toString('hex')}`, nodes };
}

/**
 * Undefined if the folder holds none.
 * @throws CommandFailed
 */
export async function readCluster(data: string): Promise<DevCluster | undefined> {
  const file = clusterPathOf(data);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw refused('read', file, error);
  }
  const remedy = 'Correct it, or restore it from a copy; without it the nodes cannot be started again.';
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(`${file} is no JSON: ${(error as SyntaxError).message}. ${remedy}`); // all that parse throws
  }
  const cluster = schema.safeParse(content);
  if (cluster.success) return cluster.data;
  const [issue] = cluster.error.issues;
  throw new CommandFailed(
    `${file} is wrong at ${issue?.path.join('.') || 'its top'}: ${issue?.message}. ${remedy}`,
  );
}

/**
 * Writes it so that a crash leaves the old content or the new one.
 * @throws CommandFailed
 */
export async function writeCluster(data: string, cluster: DevCluster): Promise<void> {
  const file = clusterPathOf(data);
  const draft = `${file}.new`;
  try {
    await mkdir(data, { recursive: true });
    const handle = await open(draft, 'w');
    try {
      await handle.writeFile(`${JSON.stringify(cluster, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    throw refused('write', file, error);
  }
}

/**
 * Nodes whose cluster is forgotten would be asked to join another one, and refuse.
 * @throws CommandFailed
 */
export async function refuseForgotten(data: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(data);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw refused('read', data, error);
  }
  if (!names.includes('n1')) return;
  throw new CommandFailed(
    `${nodeFolderOf(data, 'n1')} is there, but ${clusterPathOf(data)}, which says whose it is, is not: ` +
      'restore it, or choose another folder with --data.',
  );
}

function refused(action: string, file: string, error: unknown): CommandFailed {
  const reason = error instanceof Error ? error.message : String(error);
  return new CommandFailed(
    `Could not ${action} ${file}: ${reason}. Make its folder usable for this process, or choose another with --data.`,
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
