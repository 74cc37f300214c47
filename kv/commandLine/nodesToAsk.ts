/** Which nodes a command asks: those that it is told, or those of a cluster that `dev` runs. */
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { CommandFailed } from './commandFailed.ts';
import { readCluster, redisAddressOf } from './devCluster.ts';

export interface NodesOptions {
  readonly data: string;
  /** Where the nodes serve Redis clients; those of the cluster in `data` unless given. */
  readonly nodes?: readonly PeerAddress[];
}

export interface Askable {
  readonly id: string;
  readonly address: PeerAddress;
  /** Undefined: whichever it is. */
  readonly clusterId?: string;
}

/** @throws CommandFailed */
export async function nodesToAsk({ data, nodes }: NodesOptions): Promise<Askable[]> {
  if (nodes) return nodes.map((address) => ({ id: '?', address }));
  const cluster = await readCluster(data);
  if (!cluster) {
    throw new CommandFailed(
      `There is no cluster in ${data}: name its folder with --data DIR, or its nodes with --nodes HOST:PORT,...`,
    );
  }
  const { clusterId } = cluster;
  return cluster.nodes.map((node) => ({ id: node.id, address: redisAddressOf(node), clusterId }));
}
