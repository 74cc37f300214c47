/** The cluster as cluster-aware clients see it: one master with all slots, which leads, and its replicas. */
import { createHash } from 'node:crypto';
import type { ClusterMember, FrontStatus } from './backend.ts';

export interface ClusterNode extends ClusterMember {
  /** As Redis has ids: 40 hexadecimal digits. */
  readonly nodeId: string;
  readonly isMyself: boolean;
  readonly isMaster: boolean;
}

export interface ClusterView {
  /** The master first. */
  readonly nodes: readonly [master: ClusterNode, ...replicas: ClusterNode[]];
  readonly myself: ClusterNode;
  /** Stands for the one group of nodes, in the form of a node's id. */
  readonly shardId: string;
  readonly hasLeader: boolean;
  readonly term: number;
  /** The last log index that the node knows to be committed. */
  readonly commitIndex: number;
}

/**
 * Undefined if it is not known where the nodes serve clients.
 * @param leader null if there is none
 */
export function clusterView(status: FrontStatus, leader: string | null): ClusterView | undefined {
  const { clusterId, nodeId, term, commitIndex, members } = status;
  if (members === undefined) return undefined;
  // While no leader is known, this node takes commands and holds them until there is one: clients may as well ask here.
  const masterId = members.some(({ id }) => id === leader) ? leader : nodeId;
  const nodes = members.map((member) => ({
    ...member,
    ...{
      nodeId: idOf(clusterId, member.id),
      isMyself: member.id === nodeId,
      isMaster: member.id === masterId,
    },
  }));
  const master = nodes.find(({ isMaster }) => isMaster);
  const myself = nodes.find(({ isMyself }) => isMyself);
  if (master === undefined || myself === undefined) return undefined;
  return {
    ...{ nodes: [master, ...nodes.filter((node) => node !== master)], myself, shardId: idOf(clusterId) },
    ...{ hasLeader: leader !== null, term, commitIndex },
  };
}

/** The same on every node and after every start. */
function idOf(...names: readonly string[]): string {
  return createHash('sha1').update(JSON.stringify(names)).digest('hex');
}
