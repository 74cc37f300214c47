/** The sections of INFO, with the names that Redis has for their fields, so that dashboards read them. */
import { createHash } from 'node:crypto';
import { totalmem } from 'node:os';
import type { FrontStatus } from './backend.ts';
import type { FrontFacts } from './command.ts';

/** The release of Redis whose commands and protocol the front follows, for clients that ask. */
export const compatibleVersion = '7.2.0';

type Fields = readonly (readonly [name: string, value: string | number])[];

export interface Section {
  readonly title: string;
  readonly fields: (front: FrontFacts, status: FrontStatus) => Fields;
}

function secondsSince(time: number, { now }: FrontFacts): number {
  return Math.max(0, Math.floor((now() - time) / 1000));
}

/** 40 hexadecimal digits, as Redis has ids. */
function idOf(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

/** As Redis writes sizes for people: `512B`, `1.02M`. */
function human(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${'BKMG'[power]}`;
}

function server(front: FrontFacts, status: FrontStatus): Fields {
  const seconds = secondsSince(front.startedAt, front);
  return [
    ['redis_version', compatibleVersion],
    ['redis_mode', status.members === undefined ? 'standalone' : 'cluster'],
    ['server_name', 'xstate-raft'],
    ['os', `${process.platform} ${process.arch}`],
    ['arch_bits', 64],
    ['node_version', process.versions.node],
    ['process_id', process.pid],
    ['run_id', idOf(`${status.clusterId} ${status.nodeId} ${process.pid} ${front.startedAt}`)],
    ['tcp_port', front.port],
    ['server_time_usec', front.now() * 1000],
    ['uptime_in_seconds', seconds],
    ['uptime_in_days', Math.floor(seconds / 86_400)],
  ];
}

function clients(front: FrontFacts): Fields {
  return [
    ['connected_clients', [...front.clients()].length],
    ['maxclients', front.limits.connectionsMax],
    ['blocked_clients', 0],
    ['client_queued_bytes', front.load.queuedBytes],
    ['client_unsent_bytes', front.load.unsentBytes],
  ];
}

function memory({ statistics }: FrontFacts): Fields {
  const { rss, heapUsed, external } = process.memoryUsage();
  const used = heapUsed + external;
  const peak = Math.max(used, statistics.memoryPeak);
  const total = totalmem();
  return [
    ['used_memory', used],
    ['used_memory_human', human(used)],
    ['used_memory_rss', rss],
    ['used_memory_rss_human', human(rss)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', human(peak)],
    ['total_system_memory', total],
    ['total_system_memory_human', human(total)],
    ['maxmemory', 0],
    ['maxmemory_human', human(0)],
    ['maxmemory_policy', 'noeviction'],
    ['mem_fragmentation_ratio', (rss / used).toFixed(2)],
    ['mem_allocator', 'v8'],
  ];
}

/** The log stands for Redis' append-only file, the snapshot for its dump. */
function persistence({ statistics }: FrontFacts, status: FrontStatus): Fields {
  return [
    // The front listens only once the node has read its disk; clients wait while this is not 0.
    ['loading', 0],
    ['async_loading', 0],
    ['rdb_changes_since_last_save', Math.max(0, status.lastApplied - status.snapshotIndex)],
    ['rdb_bgsave_in_progress', 0],
    ['rdb_last_save_time', Math.floor(statistics.lastSaveAt / 1000)],
    // A node whose disk fails stops.
    ['rdb_last_bgsave_status', 'ok'],
    ['aof_enabled', 1],
    ['aof_rewrite_in_progress', 0],
    ['aof_last_write_status', 'ok'],
    ['aof_current_size', status.logBytes],
  ];
}

function stats({ statistics, channels }: FrontFacts): Fields {
  return [
    ['total_connections_received', statistics.connections],
    ['total_commands_processed', statistics.commands],
    ['instantaneous_ops_per_sec', statistics.commandsPerSecond],
    ['total_net_input_bytes', statistics.bytesIn],
    ['total_net_output_bytes', statistics.bytesOut],
    ['instantaneous_input_kbps', statistics.kibibytesInPerSecond.toFixed(2)],
    ['instantaneous_output_kbps', statistics.kibibytesOutPerSecond.toFixed(2)],
    ['rejected_connections', statistics.turnedAway],
    ['evicted_keys', 0],
    ['evicted_clients', statistics.cutOff],
    ['keyspace_hits', statistics.keyHits],
    ['keyspace_misses', statistics.keyMisses],
    ['pubsub_channels', channels.count],
    ['pubsub_patterns', channels.patterns],
    ['total_error_replies', statistics.errors],
  ];
}

/** Positions are log indexes: how far a node is behind is a number of entries. */
function replication(_front: FrontFacts, status: FrontStatus): Fields {
  const { members = [], matchIndex } = status;
  const replicas = members.filter(({ id }) => matchIndex[id] !== undefined);
  return [
    // Every node takes writes, whatever its role in Raft: no client should take it for a replica.
    ['role', 'master'],
    ['connected_slaves', replicas.length],
    ...replicas.map(({ id, host, port }, place): [string, string] => [
      `slave${place}`,
      `ip=${host},port=${port},state=online,offset=${matchIndex[id]},lag=0`,
    ]),
    ['master_failover_state', 'no-failover'],
    ['master_replid', idOf(status.clusterId)],
    ['master_repl_offset', status.lastLogIndex],
  ];
}

function cpu(): Fields {
  const { system, user } = process.cpuUsage();
  return [
    ['used_cpu_sys', (system / 1e6).toFixed(6)],
    ['used_cpu_user', (user / 1e6).toFixed(6)],
  ];
}

function raft(_front: FrontFacts, status: FrontStatus): Fields {
  return [
    ['raft_node_id', status.nodeId],
    ['raft_cluster_id', status.clusterId],
    ['raft_role', status.role],
    ['raft_term', status.term],
    ['raft_leader', status.leader ?? ''],
    ['raft_commit_index', status.commitIndex],
    ['raft_last_applied', status.lastApplied],
    ['raft_last_log_index', status.lastLogIndex],
    ['raft_snapshot_index', status.snapshotIndex],
    ['raft_log_bytes', status.logBytes],
    ['raft_lease_reads', status.leaseReads ? 1 : 0],
    ['raft_peers', status.peers.map(({ id }) => id).join(',')],
  ];
}

export const sections: readonly Section[] = [
  { title: 'Server', fields: server },
  { title: 'Clients', fields: clients },
  { title: 'Memory', fields: memory },
  { title: 'Persistence', fields: persistence },
  { title: 'Stats', fields: stats },
  { title: 'Replication', fields: replication },
  { title: 'CPU', fields: cpu },
  { title: 'Raft', fields: raft },
  { title: 'Commandstats', fields: ({ statistics }) => statistics.ofCommands.fields() },
  { title: 'Cluster', fields: (_, { members }) => [['cluster_enabled', members === undefined ? 0 : 1]] },
  {
    title: 'Keyspace',
    fields: (_, { keys, keysExpiring }) =>
      keys === 0 ? [] : [['db0', `keys=${keys},expires=${keysExpiring},avg_ttl=0`]],
  },
];
