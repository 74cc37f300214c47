/**
 * What a cluster looks like at one moment, as plain data that survives JSON: what the page draws, whether the cluster is
 * real or simulated. Times are ms of the cluster's clock, that of `ClusterFrame.time`; log indexes start at 1.
 */
import type { NodeId } from '../../machines/configuration.ts';
import type { Role } from '../events.ts';

export interface ClusterFrame {
  readonly time: number;
  /** All members, up or down, always in the same order. */
  readonly nodes: readonly NodeFrame[];
  /** Under way at this moment, as far as it is known. */
  readonly messages: readonly MessageFrame[];
  /** Directions that nothing gets through, because somebody asked for it. */
  readonly cuts: readonly LinkCut[];
  /** What has happened since the frame before, oldest first. */
  readonly events: readonly ClusterEvent[];
  /** Of the last seconds; null where nobody measures. */
  readonly load: LoadFrame | null;
}

export interface LinkCut {
  readonly from: NodeId;
  readonly to: NodeId;
}

export interface LoadFrame {
  /** Entries committed a second. */
  readonly commitsPerSecond: number;
  /** From a proposal to its commit at the leader, ms; null: nothing was committed. */
  readonly commitMsMedian: number | null;
  readonly commitMsP99: number | null;
  /** Of the nodes' clients, where there are any. */
  readonly clients?: ClientLoad;
}

export interface ClientLoad {
  readonly connected: number;
  readonly commandsPerSecond: number;
  /** From a command's turn to its reply, on average, ms; null: there was none. */
  readonly commandMsMean: number | null;
}

/** One member. Of one that is down, what was last seen of its term, vote and log. */
export interface NodeFrame {
  readonly id: NodeId;
  /** `failed`: its disk failed, and it takes part no more. */
  readonly state: 'up' | 'paused' | 'down' | 'failed';
  readonly role: Role;
  readonly term: number;
  readonly votedFor: NodeId | null;
  /** Who it takes for the leader of its term. */
  readonly leader: NodeId | null;
  /** Null: it leads, or is down. */
  readonly election: ElectionTimer | null;
  /** When a leader was last heard; null: never in this life, or it leads. */
  readonly leaderHeardAt: number | null;
  /** Its leader has asked it to stand for election. */
  readonly leadershipTransfer: boolean;
  /** Who granted it a (pre-)vote in the candidacy that it is in; a leader: in the one that it won. */
  readonly votes: readonly NodeId[];
  readonly log: LogFrame;
  /** Of a leader: what it does for each other member. */
  readonly peers: readonly PeerFrame[];
  /** Its actors: raft, storage, applier, the services, and of a leader a replicator for each peer. */
  readonly actors: readonly ActorFrame[];
}

/** It stands for election when the deadline comes, unless it hears a leader before. */
export interface ElectionTimer {
  readonly deadline: number;
  /** The longest that it may have to wait, ms: a full circle of the countdown. */
  readonly spanMs: number;
}

export interface LogFrame {
  /** The end of the log, oldest first: consecutive, up to lastIndex. */
  readonly tail: readonly EntryFrame[];
  readonly lastIndex: number;
  /** What it knows to be committed. */
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** The last entry that its snapshot stands for; 0: none. */
  readonly snapshotIndex: number;
  /** Its own entries are on its disk up to here. */
  readonly durableIndex: number;
}

export interface EntryFrame {
  readonly index: number;
  readonly term: number;
  readonly kind: 'command' | 'internal' | 'configuration' | 'session';
  /** In words, cut short where it is long: `put greeting hi`. */
  readonly text: string;
}

export interface PeerFrame {
  readonly peer: NodeId;
  readonly state: 'probing' | 'replicating' | 'snapshotting';
  readonly nextIndex: number;
  readonly matchIndex: number;
  /** Requests with entries that are not answered yet. */
  readonly inFlight: number;
}

/** An actor that is a statechart. */
export interface ActorFrame {
  /** Its systemId: `raft`, `replicator:n2`, `storage`, … */
  readonly id: string;
  /** The id of its machine, which names its chart: `raft`, `replicator`, … */
  readonly chart: string;
  /** The ids of the innermost active states, as the machine has them: `raft.leader.established`. */
  readonly active: readonly string[];
  /** The last event that led from a state to another; null: none since somebody looks. */
  readonly last: TransitionFrame | null;
}

export interface TransitionFrame {
  readonly time: number;
  /** The type of the event: `durable`, `xstate.after.untilElectionDeadline.raft.follower.patience.waiting`. */
  readonly event: string;
  /** In their order; several where one led on to the next, or states are parallel. */
  readonly steps: readonly TransitionStep[];
}

/** Ids of states. */
export interface TransitionStep {
  readonly from: string;
  readonly to: string;
}

export interface MessageFrame {
  /** The same from frame to frame. */
  readonly id: string;
  readonly from: NodeId;
  readonly to: NodeId;
  /** `appendEntries`, `requestVoteReply`, …, or `serviceRequest` and `serviceReply` of clients. */
  readonly kind: string;
  /** Null: it speaks of none. */
  readonly term: number | null;
  /** What it says, in words. */
  readonly text: string;
  /** It has entries, or a part of a snapshot. */
  readonly carries: boolean;
  readonly isReply: boolean;
  /** Of a reply, whether it agrees: the vote is granted, the entries are taken; null: no reply. */
  readonly agrees: boolean | null;
  readonly sentAt: number;
  /** Where it is not known, a guess. */
  readonly arrivesAt: number;
}

export type ClusterEventType =
  | 'preVoteAsked'
  | 'electionStarted'
  | 'voteGranted'
  | 'leaderElected'
  | 'leaderLost'
  | 'crashed'
  | 'restarted'
  | 'failed'
  | 'paused'
  | 'resumed'
  | 'network'
  | 'command';

/** Something for the timeline. */
export interface ClusterEvent {
  readonly time: number;
  readonly type: ClusterEventType;
  /** Null: it is of no one node. */
  readonly node: NodeId | null;
  /** Null: it is of no term. */
  readonly term: number | null;
  /** A sentence with its cause: `n2 stands for election in term 3: it has heard no leader for 431 ms.` */
  readonly text: string;
}
