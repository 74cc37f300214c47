/** The command line that starts one node of a cluster by hand. */
import path from 'node:path';
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import { type DevCluster, type DevNode, nodeFolderOf, peerAddressOf, redisAddressOf } from './devCluster.ts';
import type { ServeOptions } from './serveOptions.ts';

/** What `dev` passes on to each node. */
export type NodeSettings = Pick<
  ServeOptions,
  'leaseReads' | 'maxClients' | 'clientTimeout' | 'maxValue' | 'snapshotLog' | 'notifyKeyspaceEvents'
>;

/** The arguments of `xstate-raft` that make it this node. */
export function serveArguments(
  cluster: DevCluster,
  node: DevNode,
  data: string,
  settings: NodeSettings,
): string[] {
  const listOf = (addressOf: (peer: DevNode) => PeerAddress): string =>
    cluster.nodes.map((peer) => `${peer.id}=${formatAddress(addressOf(peer))}`).join(',');
  const { leaseReads, notifyKeyspaceEvents: events } = settings;
  return [
    ...['serve', '--id', node.id, '--redis', formatAddress(redisAddressOf(node))],
    ...['--peers', listOf(peerAddressOf), '--redis-peers', listOf(redisAddressOf)],
    ...(leaseReads ? ['--lease-reads'] : []),
    ...['--max-clients', String(settings.maxClients), '--client-timeout', String(settings.clientTimeout)],
    ...['--max-value', String(settings.maxValue), '--snapshot-log', String(settings.snapshotLog)],
    ...(events ? ['--notify-keyspace-events', events] : []),
    ...['--data', nodeFolderOf(data, node.id), '--cluster', cluster.clusterId],
  ];
}

/** For a shell in this folder. */
export function startCommand(args: readonly string[]): string {
  return [...thisProgram(), ...args].map(quoted).join(' ');
}

/** As it was started itself. */
function thisProgram(): string[] {
  const script = process.argv[1] ?? '';
  const { name, ext, dir } = path.parse(script);
  if (ext !== '') return ['node', ...process.execArgv, path.relative('', script)];
  return dir.endsWith(path.join('node_modules', '.bin')) ? ['npx', name] : [name];
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
