/** The embedding API: the Raft of the labs, over any transport, persister and service. */
import type { Subject } from 'rxjs';
import type { NodeId } from '../machines/configuration.ts';
import { EntryKind } from '../machines/entry.ts';
import { entryPayloadBytesMax } from '../machines/limits.ts';
import type { RaftReply, RaftRequest } from '../machines/messages.ts';
import type { Clock, Random, Storage } from '../machines/ports.ts';
import type { RaftOptions } from '../machines/raft.context.ts';
import { SeededRandom } from '../machines/random.ts';
import { realClock } from './clock/realClock.ts';
import { validate } from './codec.ts';
import { InvalidArgument } from './errors.ts';
import type { NodeEmitter } from './events.ts';
import type { NodeService } from './nodeService.ts';
import { type InspectionObserver, plainInspection } from './observation/plainInspection.ts';
import type { NodeStatus, Started } from './raftNode.options.ts';
import { RaftNode } from './raftNode.ts';
import { realScheduling, type Scheduling } from './scheduling.ts';
import type { Persister } from './storage/persister.ts';
import { persisterStorage } from './storage/persisterStorage.ts';

/** A committed command, a snapshot to take over, or an entry of Raft's own (which tells only that its index is passed). */
export type ApplyMsg =
  | {
      readonly commandValid: true;
      readonly command: Uint8Array;
      readonly commandIndex: number;
      readonly commandTerm: number;
    }
  | {
      readonly snapshotValid: true;
      readonly snapshot: Uint8Array;
      readonly snapshotIndex: number;
      readonly snapshotTerm: number;
    }
  | { readonly internal: true; readonly commandIndex: number; readonly commandTerm: number };

/** How to reach another server; it may be slow, lossy and out of order. */
export interface Peer {
  /** The reply; undefined if the request or the reply was lost, or took too long. Any number may be under way. */
  call(request: RaftRequest): Promise<RaftReply | undefined>;
}

export interface MakeRaftOptions extends Partial<RaftOptions> {
  /** All servers in the same order everywhere; the one at `me` is not called. */
  readonly peers: readonly Peer[];
  /** This server's place in `peers`. */
  readonly me: number;
  readonly persister: Persister;
  /** Where committed commands and snapshots come out, in order. */
  readonly applyCh: Subject<ApplyMsg>;
  /** Seeds the election timeouts; by default another one each time. */
  readonly seed?: number | string;
  /** By default the machine's clock. A simulation gives its own, with the scheduling that belongs to it. */
  readonly clock?: Clock;
  readonly scheduling?: Scheduling;
  readonly random?: Random;
  /** Hears XState's inspection events, in plain data of bounded size; one that throws hears nothing more. */
  readonly inspect?: InspectionObserver;
}

export interface Raft {
  /**
   * Proposes a command and returns at once. With `isLeader`, the command stands in the log at `index` in `term`, and is
   * committed if this leader is not replaced first; otherwise nothing happened.
   * @throws InvalidArgument if the command is no Uint8Array or larger than an entry may be
   */
  start(command: Uint8Array): Started;
  getState(): { readonly term: number; readonly isLeader: boolean };
  /** The service has captured everything up to `index` (paper, section 7): the log lets go of it. */
  snapshot(index: number, snapshot: Uint8Array): void;
  /**
   * An incoming RPC of a peer; settles when what the reply speaks of is durable.
   * @throws MalformedMessage
   */
  handle(request: RaftRequest): Promise<RaftReply>;
  /**
   * Hands leadership to the server at that place in `peers`; settles when it leads.
   * @throws NotLeader, InvalidArgument, TransferFailed, as rejections
   */
  transferLeadership(to: number): Promise<void>;
  /** Silent from now on: nothing persisted, sent or applied. */
  kill(): void;
  /** roleChanged, leaderChanged, committed, snapshotInstalled, storageFailed. */
  readonly events: NodeEmitter;
  status(): NodeStatus;
}

/** @throws UnreadableState if the persister holds what this version cannot read; InvalidArgument */
export function makeRaft(options: MakeRaftOptions): Raft {
  return exposeAsRaft(options).raft;
}

/** The node behind a server, to be looked at. */
export function nodeOf(raft: Raft): RaftNode {
  const node = nodes.get(raft);
  if (!node) throw new InvalidArgument('This is no server of makeRaft or startKvServer: it has no node.');
  return node;
}

/** The name of a server that is known by its place. */
export function peerName(place: number): NodeId {
  return `n${place}`;
}

/** As makeRaft, with a service in the node: it takes over the snapshot itself, before the node starts. */
export function exposeAsRaft(
  options: MakeRaftOptions & { readonly service?: (storage: Storage) => NodeService },
): { raft: Raft } {
  const { peers, me, persister, applyCh, seed, clock, scheduling, random, inspect, service, ...raftOptions } =
    options;
  if (!Number.isInteger(me) || me < 0 || me >= peers.length) {
    throw new InvalidArgument(`me is ${me}: give this server's place in peers, 0 to ${peers.length - 1}.`);
  }
  const storage = persisterStorage(persister);
  const served = service?.(storage);
  const placeOf = new Map(peers.map((_, place) => [peerName(place), place]));
  const waiting = new Map<number, (reply: RaftReply) => void>();
  let tokens = 0;

  const node = new RaftNode({
    id: peerName(me),
    configuration: { voters: [...placeOf.keys()], learners: [] },
    group: 0,
    storage,
    clock: clock ?? realClock,
    random: random ?? new SeededRandom(seed ?? crypto.randomUUID()),
    scheduling: scheduling ?? realScheduling,
    sendRequest: (peer, callId, request) => {
      const place = placeOf.get(peer) ?? me;
      void callPeer(peers[place], request).then((reply) => node.replied(callId, reply));
    },
    sendReply: (token, reply) => {
      waiting.get(token)?.(reply);
      waiting.delete(token);
    },
    raft: raftOptions,
    ...(inspect && { inspect: plainInspection(inspect) }),
    ...(served && { services: (node_) => [served.actor(node_)] }),
  });

  node.streams.apply$.subscribe((applied) => {
    if (applied.type === 'entries') {
      for (const { index: commandIndex, term: commandTerm, kind, payload } of applied.entries) {
        if (killed) return;
        if (kind === EntryKind.command) {
          applyCh.next({ commandValid: true, command: payload, commandIndex, commandTerm });
        } else {
          applyCh.next({ internal: true, commandIndex, commandTerm });
        }
      }
      return;
    }
    if (served) return;
    const { index: snapshotIndex } = applied.snapshot;
    void readWhole(storage).then(({ bytes: snapshot, term: snapshotTerm, index }) => {
      if (killed) return;
      applyCh.next({ snapshotValid: true, snapshot, snapshotIndex: index, snapshotTerm });
      node.snapshotRestored(snapshotIndex);
    });
  });

  let killed = false;
  if (served) {
    served.restore().then(
      () => !killed && node.start(),
      (error) => node.fail(error),
    );
  } else node.start();

  const raft: Raft = {
    events: node.events,
    start(command) {
      if (!(command instanceof Uint8Array)) {
        throw new InvalidArgument(`A command is a Uint8Array, not ${typeof command}: encode it first.`);
      }
      if (command.byteLength > entryPayloadBytesMax) {
        throw new InvalidArgument(
          `A command of ${command.byteLength} bytes is over the limit of ${entryPayloadBytesMax}: split it.`,
        );
      }
      return node.propose(command);
    },
    getState: () => ({ term: node.term, isLeader: node.isLeader }),
    snapshot(index, bytes) {
      const staged = node.stageSnapshot(index);
      if (staged) void staged.add(bytes).then(() => node.commitSnapshot(staged));
    },
    handle(request) {
      return new Promise((resolve, reject) => {
        try {
          validate(request);
        } catch (error) {
          reject(error);
          return;
        }
        tokens += 1;
        waiting.set(tokens, resolve);
        node.receive(tokens, request);
      });
    },
    transferLeadership: (to) => node.transferLeadership(peerName(to)),
    kill() {
      killed = true;
      waiting.clear();
      void node.stop();
    },
    status: () => node.status(),
  };
  nodes.set(raft, node);
  return { raft };
}

const nodes = new WeakMap<Raft, RaftNode>();

async function callPeer(peer: Peer | undefined, request: RaftRequest): Promise<RaftReply | undefined> {
  try {
    const reply = await peer?.call(request);
    if (reply) validate(reply);
    return reply;
  } catch {
    // A transport that throws has lost the call, and a reply that is none is no better.
    return undefined;
  }
}

async function readWhole(storage: Storage) {
  const stored = storage.snapshot();
  if (!stored) return { bytes: new Uint8Array(0), index: 0, term: 0 };
  try {
    return { bytes: await stored.read(0, stored.size), index: stored.index, term: stored.term };
  } finally {
    stored.release();
  }
}
