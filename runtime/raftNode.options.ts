/** What a node is made of, and what it tells about itself. */
import type { applierMachine } from '../machines/applier.ts';
import type { Configuration, NodeId } from '../machines/configuration.ts';
import * as limits from '../machines/limits.ts';
import type { RaftReply, RaftRequest } from '../machines/messages.ts';
import type { Clock, Random, ReplyToken, Storage } from '../machines/ports.ts';
import type { RaftOptions } from '../machines/raft.context.ts';
import type { raftMachine } from '../machines/raft.ts';
import type { replicatorMachine } from '../machines/replicator.ts';
import type { storageMachine } from '../machines/storage.ts';
import { InvalidArgument } from './errors.ts';
import type { Role } from './events.ts';
import type { InspectionObserver } from './observation/plainInspection.ts';
import type { Scheduling } from './scheduling.ts';

/** The statecharts that a node runs, for those who provide implementations of their own. */
export interface Charts {
  readonly raft?: typeof raftMachine;
  readonly replicator?: typeof replicatorMachine;
  readonly applier?: typeof applierMachine;
  readonly storage?: typeof storageMachine;
  /** False: XState's own interpreter runs them, more slowly; by default they are run by a plan (runtime/chart). */
  readonly areRunByPlan?: boolean;
}

export interface RaftNodeOptions {
  readonly id: NodeId;
  readonly configuration: Configuration;
  readonly group: number;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduling: Scheduling;
  /** Carries requests out; each is answered through `replied`, once, or never. */
  readonly sendRequest: (peer: NodeId, callId: number, request: RaftRequest) => void;
  /** Carries the reply to the request that came with `token`. */
  readonly sendReply: (token: ReplyToken, reply: RaftReply) => void;
  readonly raft: Partial<RaftOptions>;
  readonly charts?: Charts;
  /** Hears XState's inspection events as they are, with live contexts. */
  readonly inspect?: InspectionObserver;
}

/** The answer to a proposal. Not the leader: index -1. */
export interface Started {
  readonly index: number;
  readonly term: number;
  readonly isLeader: boolean;
}

export interface NodeStatus {
  readonly id: NodeId;
  readonly role: Role | 'stopped';
  readonly term: number;
  readonly leader: NodeId | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastLogIndex: number;
  readonly snapshotIndex: number;
  /** Bytes of the entries in memory. */
  readonly logBytes: number;
  /** Of a leader: how far each peer's log is known to agree. */
  readonly matchIndex: Readonly<Record<NodeId, number>>;
}

const defaultRaftOptions: RaftOptions = {
  heartbeatMs: limits.heartbeatMs,
  electionTimeoutMinMs: limits.electionTimeoutMinMs,
  electionTimeoutMaxMs: limits.electionTimeoutMaxMs,
  electionPriority: 1,
  preVote: true,
  checkQuorum: true,
  noopAtTermStart: false,
  leaseReads: false,
  clockDriftMax: limits.clockDriftMax,
};

/**
 * What is given, with the defaults for the rest.
 * @throws InvalidArgument
 */
export function raftOptionsFrom(given: Partial<RaftOptions>): RaftOptions {
  const options = { ...defaultRaftOptions, ...given };
  const { leaseReads, checkQuorum, clockDriftMax, electionPriority } = options;
  if (leaseReads && !checkQuorum) {
    throw new InvalidArgument(
      'leaseReads is on and checkQuorum is off: a leader without a majority must step down. Turn checkQuorum on.',
    );
  }
  if (!(clockDriftMax >= 0 && clockDriftMax < 1)) {
    throw new InvalidArgument(`clockDriftMax is ${clockDriftMax}: give a share, 0 or more and below 1.`);
  }
  if (!(electionPriority >= 0 && electionPriority <= 1)) {
    throw new InvalidArgument(`electionPriority is ${electionPriority}: give a number from 0 to 1.`);
  }
  return options;
}
