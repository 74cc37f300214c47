/** What CLUSTER tells of the nodes, in the forms of Redis. */
import type { ClusterNode, ClusterView } from './clusterView.ts';
import { slots } from './keySlot.ts';
import { ReplyMap, type WireReply } from './writer.ts';

export function describeState({ nodes, hasLeader, term }: ClusterView): string {
  const [ok_, failed] = hasLeader ? [slots, 0] : [0, slots];
  return Object.entries({
    cluster_enabled: 1,
    cluster_state: hasLeader ? 'ok' : 'fail',
    cluster_slots_assigned: slots,
    cluster_slots_ok: ok_,
    cluster_slots_pfail: 0,
    cluster_slots_fail: failed,
    cluster_known_nodes: nodes.length,
    cluster_size: 1,
    cluster_current_epoch: term,
    cluster_my_epoch: term,
    cluster_stats_messages_sent: 0,
    cluster_stats_messages_received: 0,
    total_cluster_links_buffer_limit_exceeded: 0,
  })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');
}

export function describeSlots({ nodes }: ClusterView): WireReply {
  return [[0, slots - 1, ...nodes.map(({ host, port, nodeId }) => [host, port, nodeId, new ReplyMap([])])]];
}

export function describeShards({ nodes, commitIndex }: ClusterView): WireReply {
  const describe = ({ nodeId, host, port, isMaster }: ClusterNode): WireReply =>
    new ReplyMap([
      ['id', nodeId],
      ['port', port],
      ['ip', host],
      ['endpoint', host],
      ['role', isMaster ? 'master' : 'replica'],
      ['replication-offset', commitIndex],
      ['health', 'online'],
    ]);
  return [
    new ReplyMap([
      ['slots', [0, slots - 1]],
      ['nodes', nodes.map(describe)],
    ]),
  ];
}

/** A line of CLUSTER NODES. */
export function describeNode({ nodes: [master], term }: ClusterView, node: ClusterNode): string {
  const { nodeId, host, port, peerPort, isMyself, isMaster } = node;
  const flags = `${isMyself ? 'myself,' : ''}${isMaster ? 'master' : 'slave'}`;
  const head = `${nodeId} ${host}:${port}@${peerPort} ${flags} ${isMaster ? '-' : master.nodeId}`;
  return `${head} 0 0 ${term} connected${isMaster ? ` 0-${slots - 1}` : ''}`;
}
