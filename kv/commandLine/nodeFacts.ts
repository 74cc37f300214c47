/** What a node says of itself to whoever asks its Redis port. */
import type { NodeId } from '../../machines/configuration.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';
import { askRedis, NoReply } from './redisClient.ts';

export interface NodeFacts {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly role: string;
  readonly term: number;
  /** Whom it takes for the leader. */
  readonly leader: NodeId | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  readonly snapshotIndex: number;
  readonly logBytes: number;
}

/** A node that lives answers in a millisecond, unless its machine is very busy. */
const factsMsMax = 1500;

/** Undefined: it is down, or what listens there is no node. */
export async function askFacts(address: PeerAddress): Promise<NodeFacts | undefined> {
  try {
    return readFacts(await askRedis(address, ['INFO', 'raft'], factsMsMax));
  } catch (error) {
    if (error instanceof NoReply) return undefined;
    throw error;
  }
}

function readFacts(info: string): NodeFacts | undefined {
  const fields = new Map<string, string>();
  for (const line of info.split('\r\n')) {
    const [, name, value] = /^(\w+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  const text = (name: string): string => fields.get(name) ?? '';
  const number = (name: string): number => Number.parseInt(text(name), 10);
  if (!fields.has('raft_node_id')) return undefined;
  return {
    ...{ id: text('raft_node_id'), clusterId: text('raft_cluster_id'), role: text('raft_role') },
    ...{ term: number('raft_term'), commitIndex: number('raft_commit_index') },
    ...{ lastApplied: number('raft_last_applied'), lastLogIndex: number('raft_last_log_index') },
    ...{ snapshotIndex: number('raft_snapshot_index'), logBytes: number('raft_log_bytes') },
    leader: text('raft_leader') || null,
  };
}
