/** INFO: what the node is and how it does, for people, monitoring and the clients that ask before they begin. */
import type { FrontFacts, LocalCommand } from './command.ts';
import { wordOf } from './text.ts';

/** The release of Redis whose commands and protocol the front follows, for clients that ask. */
export const compatibleVersion = '7.2.0';

type Fields = readonly (readonly [name: string, value: string | number])[];

interface Section {
  readonly title: string;
  readonly fields: (front: FrontFacts) => Fields;
}

const sections: readonly Section[] = [
  {
    title: 'Server',
    fields: (front) => {
      const seconds = Math.max(0, Math.floor((front.now() - front.startedAt) / 1000));
      return [
        ['redis_version', compatibleVersion],
        ['redis_mode', front.status().members === undefined ? 'standalone' : 'cluster'],
        ['server_name', 'xstate-raft'],
        ['os', `${process.platform} ${process.arch}`],
        ['arch_bits', 64],
        ['node_version', process.versions.node],
        ['process_id', process.pid],
        ['tcp_port', front.port],
        ['uptime_in_seconds', seconds],
        ['uptime_in_days', Math.floor(seconds / 86_400)],
      ];
    },
  },
  {
    title: 'Clients',
    fields: (front) => [
      ['connected_clients', [...front.clients()].length],
      ['maxclients', front.limits.connectionsMax],
      ['blocked_clients', 0],
    ],
  },
  {
    title: 'Persistence',
    // The front listens only once the node has read its disk; clients wait while this is not 0.
    fields: () => [
      ['loading', 0],
      ['aof_enabled', 1],
    ],
  },
  {
    title: 'Replication',
    // Every node takes writes, whatever its role in Raft: no client should take it for a replica.
    fields: () => [
      ['role', 'master'],
      ['connected_slaves', 0],
    ],
  },
  {
    title: 'Raft',
    fields: (front) => {
      const status = front.status();
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
    },
  },
  {
    title: 'Cluster',
    fields: (front) => [['cluster_enabled', front.status().members === undefined ? 0 : 1]],
  },
  {
    title: 'Keyspace',
    fields: (front) => {
      const { keys } = front.status();
      return keys === 0 ? [] : [['db0', `keys=${keys},expires=0,avg_ttl=0`]];
    },
  },
];

const everything = new Set(['all', 'default', 'everything']);

/** All sections, or those asked for; names that are none are passed over, as in Redis. */
export function infoText(wanted: readonly string[], front: FrontFacts): string {
  const isAll = wanted.length === 0 || wanted.some((name) => everything.has(name));
  return sections
    .filter(({ title }) => isAll || wanted.includes(title.toLowerCase()))
    .map(({ title, fields }) => {
      const lines = fields(front).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}

export const infoCommand: LocalCommand = {
  name: 'info',
  arity: -1,
  answer: (args, _client, front) => infoText(args.map(wordOf), front),
  flags: ['loading', 'stale'],
  categories: ['@slow', '@dangerous'],
  keys: [0, 0, 0],
  summary: 'Tells what the node is and how it does.',
  since: '1.0.0',
  group: 'server',
};
