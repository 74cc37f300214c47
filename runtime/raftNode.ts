/**
 * Brings the machines of one node to life: makes the actor system, ties the streams, carries calls and replies between
 * the charts and the outside, and hands what is applied to the services.
 */
import { type Actor, type AnyActor, createActor } from 'xstate';
import type { NodeId } from '../machines/configuration.ts';
import { type Entry, EntryKind, type Payload } from '../machines/entry.ts';
import { Log, type LogImage } from '../machines/log.ts';
import type { InstallSnapshotRequest, RaftReply, RaftRequest } from '../machines/messages.ts';
import type { nodeMachine, ServiceActor } from '../machines/node.ts';
import type { CallContext, Network, ReplyToken, StagedSnapshot, StoredSnapshot } from '../machines/ports.ts';
import type { ProposalGate, RaftContext, RaftEvent } from '../machines/raft.context.ts';
import type { raftMachine } from '../machines/raft.ts';
import type { Streams } from '../machines/streams.ts';
import { DeliveryQueue } from './deliveryQueue.ts';
import { InvalidArgument, NotLeader } from './errors.ts';
import { makeEmitter, type NodeEmitter, type Role } from './events.ts';
import { type ActorImage, imageOfActor, restoreOrder, snapshotFromImage } from './image/actorImage.ts';
import { copyIn, copyOut, NotCapturable, OwnedObjects } from './image/plainCopy.ts';
import { type Incoming, IncomingSnapshot } from './incomingSnapshot.ts';
import {
  chartsOfNode,
  type NodeEffects,
  provideEffects,
  type Replicator,
  type SocketReader,
} from './nodeCharts.ts';
import { OutgoingSnapshots } from './outgoingSnapshots.ts';
import { type NodeStatus, type RaftNodeOptions, raftOptionsFrom, type Started } from './raftNode.options.ts';
import { completeStreams, makeStreams } from './streams.ts';
import { transferLeadership } from './transferLeadership.ts';

const notLeading = -1;

interface PendingCall {
  readonly peer: NodeId;
  readonly type: RaftRequest['type'];
  readonly replyTo: string;
  readonly call: CallContext;
}

/** What was last said of the node's role and leader. */
interface Told {
  readonly role: Role;
  readonly leader: NodeId | null;
  readonly term: number;
}

/** A node as plain data; its storage, clock and random generator give images of their own. */
export interface RaftNodeImage {
  readonly log: LogImage;
  readonly actors: ActorImage;
  /** The term in which it accepts proposals. */
  readonly openIn: number | null;
  readonly calls: readonly (readonly [callId: number, PendingCall])[];
  readonly callCount: number;
  /** The snapshot on its way in, with marks. */
  readonly incoming: unknown;
  /** The snapshots on their way out, with marks. */
  readonly outgoing: unknown;
  readonly told: Told;
  readonly stopped: boolean;
}

export interface RaftNodeWithServices extends RaftNodeOptions {
  /** Actors on top of Raft that live and end with the node. */
  readonly services?: (node: RaftNode) => readonly ServiceActor[];
}

export class RaftNode {
  readonly streams: Streams = makeStreams();
  readonly events: NodeEmitter = makeEmitter();
  readonly log: Log;
  readonly #options: RaftNodeOptions;
  readonly #root: Actor<typeof nodeMachine>;
  /** What the contexts of its actors refer to and no image holds. */
  readonly #owned: OwnedObjects;
  readonly #gate: ProposalGate = { openIn: null };
  readonly #deliveries = new DeliveryQueue();
  readonly #calls = new Map<number, PendingCall>();
  #callCount = 0;
  #flushScheduled = false;
  /** How many wait for the sockets to be read. */
  #readings = 0;
  /** A batch is applied, and the next one waits for the next turn. */
  #betweenBatches = false;
  #stopped = false;
  readonly #incoming: IncomingSnapshot;
  readonly #outgoing: OutgoingSnapshots;
  #told: Told = { role: 'follower', leader: null, term: 0 };

  /** With an image, the node goes on where the image was taken, and not from what its storage recovered. */
  constructor(options: RaftNodeWithServices, image?: RaftNodeImage) {
    this.#options = options;
    const { storage, id, group, configuration, clock, random, inspect } = options;
    const { recovered } = storage;
    this.#incoming = new IncomingSnapshot(storage);
    this.#outgoing = new OutgoingSnapshots(storage);
    this.log = image ? Log.fromImage(image.log) : new Log(recovered);
    const { term, votedFor } = recovered;
    this.#told = { ...this.#told, term };
    const services = options.services?.(this) ?? [];
    const network: Network = {
      call: (peer, request, replyTo, call) => this.#call(peer, request, replyTo, call),
      reply: (token, reply) => {
        if (!this.#stopped) options.sendReply(token, reply);
      },
    };
    const shared = { log: this.log, gate: this.#gate, streams: this.streams, disk: storage };
    this.#owned = new OwnedObjects({ node: this, clock, random, network, services, ...shared });
    const logicOf = (serviceId: string) => services.find((service) => service.id === serviceId)?.logic;
    this.#root = createActor(chartsOfNode(options.charts), {
      ...{ id, clock },
      ...(inspect && { inspect }),
      ...(image && { snapshot: snapshotFromImage(image.actors, this.#owned, logicOf) }),
      input: {
        ...{ me: id, group, configuration, term, votedFor, clock, random, network, services, ...shared },
        options: raftOptionsFrom(options.raft),
      },
    });
    provideEffects(this.#root.system, this.#effects());
    this.#tieStreams();
    this.#root.subscribe({ error: (error) => this.fail(error) });
    if (image) this.#takeOver(image);
  }

  start(): void {
    this.#root.start();
    this.#raft()?.subscribe(({ context, value }) => this.#tellChanges(context, roleOf(value)));
  }

  /**
   * Appends a command to the log if this node leads, and returns where it stands. Any moment will do, the middle of a
   * step-down included: the gate says whether the node leads now.
   */
  propose(command: Uint8Array | Payload, kind: EntryKind = EntryKind.command, service = 0): Started {
    const term = this.#gate.openIn;
    if (term === null || this.#stopped) {
      return { index: notLeading, term: this.#context()?.term ?? this.#told.term, isLeader: false };
    }
    const index = this.log.append(term, kind, service, command);
    this.#flushLater();
    return { index, term, isLeader: true };
  }

  /** Sends to an actor of the node, if it is there. */
  tell(systemId: string, event: { readonly type: string; readonly [field: string]: unknown }): void {
    if (!this.#stopped) this.#root.system.get(systemId)?.send(event);
  }

  get isLeader(): boolean {
    return this.#gate.openIn !== null && !this.#stopped;
  }

  get term(): number {
    return this.#context()?.term ?? this.#told.term;
  }

  /** A request of a peer; the reply leaves through `sendReply` with the same token, or never. */
  receive(token: ReplyToken, request: RaftRequest): void {
    if (this.#stopped) return;
    // A request's type names its event.
    this.#raft()?.send({ type: `received.${request.type}`, token, request } as RaftEvent);
  }

  /** The reply to a call; undefined: lost. */
  replied(callId: number, reply: RaftReply | undefined): void {
    const pending = this.#calls.get(callId);
    if (!pending || this.#stopped) return;
    this.#calls.delete(callId);
    const { call, peer, type, replyTo } = pending;
    const actor = this.#root.system.get(replyTo);
    if (!actor) return;
    if (reply && reply.from === peer && reply.type === `${type}Reply`) {
      actor.send({ type: `replied.${type}`, call, reply });
    } else if (replyTo !== 'raft') {
      actor.send({ type: 'lost', call });
    }
  }

  /** Asks for an index that makes reads linearizable; the answer comes through readConfirmed$ with the token. */
  requestReadIndex(token: number): void {
    if (!this.#stopped) this.#raft()?.send({ type: 'readIndexRequested', token });
  }

  /**
   * Hands leadership to another voter; settles when it leads.
   * @throws NotLeader, InvalidArgument, TransferFailed, as rejections
   */
  async transferLeadership(to: NodeId): Promise<void> {
    const raft = this.#raft();
    if (!raft || !this.isLeader) throw new NotLeader(this.status().leader);
    const { configuration, id } = this.#options;
    if (!configuration.voters.includes(to)) {
      throw new InvalidArgument(`${to} is no voter: choose one of ${configuration.voters.join(', ')}.`);
    }
    if (to !== id) await transferLeadership(raft, to);
  }

  /** Begins a snapshot of what the service has applied up to `index`; undefined if that is compacted or not applied. */
  stageSnapshot(index: number): StagedSnapshot | undefined {
    const term = this.log.termAt(index);
    if (this.#stopped || term === undefined || index <= this.log.snapshotIndex || index > this.#handedOut()) {
      return undefined;
    }
    return this.#options.storage.stageSnapshot({ index, term });
  }

  /** Makes a staged snapshot the snapshot, and lets go of the entries that it stands for. */
  commitSnapshot(snapshot: StagedSnapshot): void {
    if (this.#stopped) snapshot.discard();
    else this.#raft()?.send({ type: 'snapshotTaken', snapshot });
  }

  status(): NodeStatus {
    const raft = this.#raft()?.getSnapshot();
    const applier = this.#root.system.get('applier')?.getSnapshot();
    return {
      id: this.#options.id,
      role: raft && !this.#stopped ? roleOf(raft.value) : 'stopped',
      term: this.term,
      leader: raft?.context.leader ?? null,
      commitIndex: this.log.commitIndex,
      lastApplied: applier?.context.lastApplied ?? 0,
      lastLogIndex: this.log.lastIndex,
      snapshotIndex: this.log.snapshotIndex,
      logBytes: this.log.byteLength,
      matchIndex: this.isLeader ? (raft?.context.matchIndex ?? {}) : {},
    };
  }

  /** The root of the node's actor system. */
  get actor(): AnyActor {
    return this.#root;
  }

  /**
   * The node between two turns, to be given to the constructor of another.
   * @throws NotCapturable in the middle of a turn, or if a service remembers what is no plain data
   */
  image(): RaftNodeImage {
    const isWaiting = this.#flushScheduled || this.#betweenBatches || this.#readings > 0;
    if (isWaiting || this.#incoming.isBusy || !this.#deliveries.isEmpty) {
      throw new NotCapturable(
        `${this.#options.id} is in the middle of a turn: let the turn end, then take the image.`,
      );
    }
    return {
      ...{ log: this.log.image(), actors: imageOfActor(this.#root, this.#owned) },
      ...{ openIn: this.#gate.openIn, calls: [...this.#calls], callCount: this.#callCount },
      incoming: copyOut(this.#incoming.incoming, this.#owned, 'The incoming snapshot'),
      outgoing: copyOut([...this.#outgoing.held], this.#owned, 'The outgoing snapshots'),
      ...{ told: this.#told, stopped: this.#stopped },
    };
  }

  /** Silent from now on: nothing persisted, sent or applied. */
  async stop(): Promise<void> {
    this.#silence();
    this.#root.send({ type: 'killed' });
    await this.#options.storage.close();
  }

  #takeOver(image: RaftNodeImage): void {
    this.#gate.openIn = image.openIn;
    for (const [callId, pending] of image.calls) this.#calls.set(callId, pending);
    this.#callCount = image.callCount;
    this.#incoming.incoming = copyIn(image.incoming, this.#owned) as Incoming | undefined; // as image took it
    const outgoing = copyIn(image.outgoing, this.#owned) as [NodeId, StoredSnapshot][]; // as image took them
    for (const [peer, stored] of outgoing) this.#outgoing.held.set(peer, stored);
    this.#told = image.told;
    restoreOrder(this.#root, image.actors);
    if (image.stopped) this.#silence();
  }

  #silence(): void {
    this.#stopped = true;
    this.#gate.openIn = null;
    this.#deliveries.close();
    this.#calls.clear();
    this.#outgoing.releaseAll();
    completeStreams(this.streams);
  }

  /** What the charts ask for; they find it by the actor system that they run in. */
  #effects(): NodeEffects {
    return {
      readSocketsOnce: (actor) => this.#readSocketsOnce(actor),
      holdSnapshot: (peer, replicator) => {
        const held = this.#outgoing.hold(peer, this.log.snapshotIndex);
        replicator.send(held ? { type: 'snapshotHeld', ...held } : { type: 'snapshotMissing' });
      },
      readChunk: (peer, offset, replicator) => void this.#readChunk(peer, offset, replicator),
      releaseSnapshot: (peer) => this.#outgoing.release(peer),
      releaseSnapshots: () => this.#outgoing.releaseAll(),
      stageChunk: (token, request) => void this.#stageChunk(token, request),
      deliver: (first, last) => this.#deliver(first, last),
      deliverSnapshot: (index) => this.#deliverSnapshot(index),
      reportLostEntry: (peer, index) =>
        this.#deliveries.push(() => this.events.emit('peerLostEntries', { peer, index })),
      fail: (error) => this.fail(error),
    };
  }

  #readSocketsOnce(actor: SocketReader): void {
    this.#readings += 1;
    this.#options.scheduling.afterReading(() => {
      this.#readings -= 1;
      if (!this.#stopped) actor.send({ type: 'socketsRead' });
    });
  }

  #raft(): Actor<typeof raftMachine> | undefined {
    return this.#root.system.get('raft');
  }

  #context(): RaftContext | undefined {
    return this.#raft()?.getSnapshot().context;
  }

  /** Each stream, and who reads it (machines/streams.ts). */
  #tieStreams(): void {
    const { appended$, durable$, matched$, committed$ } = this.streams;
    const { system } = this.#root;
    appended$.subscribe(({ lastIndex }) => {
      // First the peers: they write while this node does.
      const { voters, learners } = this.#options.configuration;
      for (const peer of [...voters, ...learners])
        system.get(`replicator:${peer}`)?.send({ type: 'appended' });
      system.get('storage')?.send({ type: 'appended', lastIndex });
    });
    durable$.subscribe((durable) => this.#raft()?.send({ type: 'durable', ...durable }));
    matched$.subscribe((matched) => this.#raft()?.send({ type: 'matched', ...matched }));
    committed$.subscribe(({ commitIndex }) => {
      system.get('applier')?.send({ type: 'commitAdvanced', commitIndex });
      this.#deliveries.push(() => this.events.emit('committed', { commitIndex }));
    });
  }

  #call(peer: NodeId, request: RaftRequest, replyTo: string, call: CallContext): void {
    if (this.#stopped) return;
    this.#callCount += 1;
    this.#calls.set(this.#callCount, { peer, type: request.type, replyTo, call });
    this.#options.sendRequest(peer, this.#callCount, request);
  }

  /** Proposals of one turn become one batch. */
  #flushLater(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#options.scheduling.afterTurn(() => {
      this.#flushScheduled = false;
      // Also when leadership has just been lost: what stands in the log must become durable.
      if (!this.#stopped) this.streams.appended$.next({ lastIndex: this.log.lastIndex });
    });
  }

  #handedOut(): number {
    return this.#root.system.get('applier')?.getSnapshot().context.applyingTo ?? 0;
  }

  #deliver(first: number, last: number): void {
    const entries: Entry[] = [];
    for (let index = first; index <= last; index += 1) {
      const entry = this.log.entryAt(index);
      if (!entry) {
        this.fail(new Error(`Entry ${index} is committed and not applied, but the log has let go of it.`));
        return;
      }
      entries.push(entry);
    }
    this.#deliveries.push(() => {
      this.streams.apply$.next({ type: 'entries', entries });
      if (last < this.log.commitIndex) this.#nextTurn(() => this.#batchApplied(last));
      else this.#batchApplied(last);
    });
  }

  #batchApplied(lastIndex: number): void {
    if (!this.#stopped) this.#root.system.get('applier')?.send({ type: 'batchApplied', lastIndex });
  }

  /** A node that has much to apply goes on hearing its peers and its clients meanwhile. */
  #nextTurn(task: () => void): void {
    this.#betweenBatches = true;
    this.#options.scheduling.inNextTurn(() => {
      this.#betweenBatches = false;
      task();
    });
  }

  #deliverSnapshot(index: number): void {
    this.#deliveries.push(() => {
      const term = this.log.termAt(index) ?? this.log.snapshotTerm;
      this.streams.apply$.next({ type: 'snapshot', snapshot: { index, term } });
      this.events.emit('snapshotInstalled', { index, term });
    });
  }

  /** Said by the service that was handed a snapshot: it has taken it over. */
  snapshotRestored(index: number): void {
    if (!this.#stopped) this.#root.system.get('applier')?.send({ type: 'snapshotRestored', index });
  }

  async #readChunk(peer: NodeId, offset: number, replicator: Replicator): Promise<void> {
    try {
      const chunk = await this.#outgoing.read(peer, offset);
      if (chunk && !this.#stopped) replicator.send({ type: 'chunkRead', ...chunk });
    } catch (error) {
      this.fail(error);
    }
  }

  async #stageChunk(token: ReplyToken, request: InstallSnapshotRequest): Promise<void> {
    try {
      const staged = await this.#incoming.take(request);
      if (this.#stopped) return;
      this.#raft()?.send({ type: 'chunkStaged', token, term: request.term, ...staged });
    } catch (error) {
      this.fail(error);
    }
  }

  /** After a failed write, or in a state that must not be, the node takes part no more. */
  fail(cause: unknown): void {
    if (this.#stopped) return;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#silence();
    queueMicrotask(() => {
      this.#root.stop();
      this.events.emit('storageFailed', { error });
    });
  }

  #tellChanges(context: RaftContext, role: Role): void {
    const { leader, term } = context;
    const told = this.#told;
    if (told.role === role && told.leader === leader && told.term === term) return;
    this.#told = { role, leader, term };
    if (told.role !== role) this.#deliveries.push(() => this.events.emit('roleChanged', { role, term }));
    if (told.leader !== leader)
      this.#deliveries.push(() => this.events.emit('leaderChanged', { leader, term }));
  }
}

function roleOf(value: string | object): Role {
  // The chart's top states are the roles.
  return (typeof value === 'string' ? value : Object.keys(value)[0]) as Role;
}
