/** One node of a simulation over all its lives: its disk stays, the rest is made anew at each boot. */
import type { InspectionEvent } from 'xstate';
import type { Configuration, NodeId } from '../../machines/configuration.ts';
import type { ReplyToken, Storage } from '../../machines/ports.ts';
import type { RaftOptions } from '../../machines/raft.context.ts';
import { SeededRandom } from '../../machines/random.ts';
import type { Applied } from '../../machines/streams.ts';
import {
  type CapturableNode,
  type CapturableNodeOptions,
  type CapturableStorage,
  captureNode,
  makeCapturableNode,
  type NodeImage,
  restoreNode,
} from '../capture.ts';
import { ActorClock } from '../clock/actorClock.ts';
import { MachineClock, type MachineClockImage } from '../clock/machineClock.ts';
import type { VirtualClock } from '../clock/virtualClock.ts';
import type { ServiceReply, ServiceRequest } from '../codec.ts';
import type { NodeService } from '../nodeService.ts';
import type { Charts } from '../raftNode.options.ts';
import type { RaftNode } from '../raftNode.ts';
import { type Scheduling, virtualScheduling } from '../scheduling.ts';
import { type DigestImage, DigestService, type SnapshotPolicy } from './digestService.ts';
import type { SimulatedNetwork } from './network.ts';
import { type DiskConditions, type DiskImage, SimulatedDisk, SimulatedDiskFailure } from './simulatedDisk.ts';
import type { Trace } from './trace.ts';

/** What a node is made of, for those who want to see what happens when a part of it is broken. */
export interface Parts {
  readonly charts?: Charts;
  /** Stands between a node and its disk. */
  readonly wrapStorage?: (storage: CapturableStorage) => CapturableStorage;
  /** A service for each life of a node, in place of the one that only compares histories. It cannot be captured. */
  readonly makeService?: (id: NodeId, storage: Storage) => NodeService;
}

/** What the nodes of a simulation share. */
export interface World {
  readonly seed: number | string;
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  readonly trace: Trace;
  readonly configuration: Configuration;
  readonly disk: DiskConditions;
  readonly raft: Partial<RaftOptions>;
  readonly snapshots: SnapshotPolicy | undefined;
  /** Whether the trace is told of every transition. */
  readonly transitions: boolean;
  readonly parts: Parts;
  /** A node ended in a way that nobody asked for. */
  readonly onError: (error: Error) => void;
}

/** Where the reply to a request goes. */
interface Origin {
  readonly from: NodeId;
  readonly callId: number;
  readonly life: number;
}

export interface SimulatedNodeImage {
  readonly boots: number;
  readonly clock: MachineClockImage;
  readonly disk: DiskImage;
  readonly service: DigestImage;
  readonly tokens: number;
  readonly requests: readonly (readonly [ReplyToken, Origin])[];
  /** Null: down. */
  readonly life: NodeImage | null;
}

export class SimulatedNode {
  readonly id: NodeId;
  readonly disk: SimulatedDisk;
  readonly clock: MachineClock;
  readonly #world: World;
  /** Requests that are not answered yet. */
  readonly #requests = new Map<ReplyToken, Origin>();
  #tokens = 0;
  #service = new DigestService();
  /** Of this life, where `Parts` ask for one. */
  #hosted: NodeService | undefined;
  #boots = 0;
  #life: CapturableNode | undefined;

  readonly #scheduling: Scheduling = {
    ...virtualScheduling,
    // Once what arrived by now has been heard.
    afterReading: (task) => {
      const { clock, id } = this;
      clock.schedule(clock.dueAt(0), clock.takeSequence(), `the sockets of ${id}`, task);
    },
  };

  constructor(id: NodeId, world: World) {
    this.id = id;
    this.#world = world;
    // No two machines show the same time.
    this.clock = new MachineClock(world.clock, new SeededRandom(`${world.seed} clock of ${id}`).next() * 1e9);
    const random = new SeededRandom(`${world.seed} disk of ${id}`);
    this.disk = new SimulatedDisk(this.clock, random, world.disk, `the disk of ${id}`);
    this.disk.onDurable = (group) => world.trace.durable(id, group);
    this.disk.onLost = (group) => world.trace.lost(id, group);
  }

  /** Undefined: down. */
  get node(): RaftNode | undefined {
    return this.#life?.node;
  }

  get service(): Pick<DigestService, 'lastApplied' | 'digest'> {
    return this.#service;
  }

  /** A new life from what is durable. */
  boot(): void {
    this.#boots += 1;
    this.clock.endPause();
    this.#service = new DigestService();
    if (this.disk.snapshotBytes.byteLength > 0) this.#service.installSnapshot(this.disk.snapshotBytes);
    const random = new SeededRandom(`${this.#world.seed} node ${this.id} boot ${this.#boots}`);
    this.#hosted = this.#world.parts.makeService?.(this.id, this.disk);
    const life = makeCapturableNode(this.#options(random));
    this.#connect(life);
    this.#world.trace.booted(this.id);
    if (this.#hosted) void this.#startHosting(this.#hosted, life);
    else life.node.start();
  }

  /** Asks for a read; the trace has the answer. */
  read(): void {
    if (!this.node) return;
    this.#tokens += 1;
    this.#world.trace.readAsked(this.id, this.#tokens);
    this.node.requestReadIndex(this.#tokens);
  }

  /** The power fails; what was not durable is lost. */
  crash(): void {
    if (this.#life) this.#world.trace.crashed(this.id);
    this.disk.crash();
    this.#world.network.detach(this.id);
    void this.node?.stop();
    this.#life = undefined;
    this.#requests.clear();
  }

  /** @throws NotCapturable in the middle of a turn */
  image(): SimulatedNodeImage {
    return {
      ...{ boots: this.#boots, clock: this.clock.image() },
      ...{ disk: this.disk.image(), service: this.#service.image() },
      ...{ tokens: this.#tokens, requests: [...this.#requests] },
      life: this.#life ? captureNode(this.#life) : null,
    };
  }

  /** In place of `boot`. */
  restore(image: SimulatedNodeImage): void {
    this.#boots = image.boots;
    this.clock.restore(image.clock);
    this.disk.restore(image.disk);
    this.#service.restore(image.service);
    this.#tokens = image.tokens;
    for (const [token, origin] of image.requests) this.#requests.set(token, origin);
    if (!image.life) return;
    // The seed does not matter: the image says where the generator stands.
    const life = restoreNode(image.life, this.#options(new SeededRandom(0)));
    this.#connect(life);
    if (image.life.node.stopped) this.#world.network.detach(this.id);
  }

  #options(random: SeededRandom): CapturableNodeOptions {
    const { configuration, network, raft, trace, transitions, parts } = this.#world;
    const storage = parts.wrapStorage?.(this.disk) ?? this.disk;
    const hosted = this.#hosted;
    return {
      ...{ id: this.id, group: 0, configuration, storage, random, raft },
      ...{ clock: new ActorClock(this.clock, this.id), scheduling: this.#scheduling },
      ...(parts.charts && { charts: parts.charts }),
      ...(hosted && { services: (node: RaftNode) => [hosted.actor(node)] }),
      sendRequest: (peer, callId, request) => network.call(this.id, peer, callId, request),
      sendReply: (token, reply) => {
        const origin = this.#requests.get(token);
        this.#requests.delete(token);
        if (origin) network.reply(this.id, origin.from, origin.callId, origin.life, reply);
      },
      ...(transitions && { inspect: (inspected: InspectionEvent) => trace.inspected(this.id, inspected) }),
    };
  }

  /** In the turn that it boots in, unless it crashes in that. */
  async #startHosting(service: NodeService, { node }: CapturableNode): Promise<void> {
    await service.restore();
    if (this.node === node) node.start();
  }

  #serve(service: NodeService, request: ServiceRequest, { from, callId, life }: Origin): void {
    const { network } = this.#world;
    const ownLife = network.life(this.id);
    service.handle(request.body, (body) => {
      const reply: ServiceReply = { type: 'serviceReply', group: request.group, service: service.id, body };
      if (network.life(this.id) === ownLife) network.reply(this.id, from, callId, life, reply);
    });
  }

  #connect(life: CapturableNode): void {
    const { node } = life;
    const { network, onError, trace } = this.#world;
    this.#life = life;
    const { apply$, committed$, readConfirmed$ } = node.streams;
    apply$.subscribe((applied) => this.#apply(node, applied));
    committed$.subscribe(({ commitIndex: index }) => {
      trace.committed(this.id, { index, term: node.log.termAt(index) ?? 0 });
    });
    readConfirmed$.subscribe(({ tokens, readIndex }) => {
      for (const token of tokens) trace.readAnswered(this.id, token, readIndex);
    });
    node.events.on('roleChanged', ({ role, term }) => trace.roleChanged(this.id, role, term));
    node.events.on('storageFailed', ({ error }) => {
      // As a process does that ends: nobody answers here any more.
      network.detach(this.id);
      if (!(error instanceof SimulatedDiskFailure)) onError(error);
    });
    const { clock } = this;
    network.attach(this.id, {
      get pausedUntil() {
        return clock.pausedUntil;
      },
      request: (from, callId, request, callersLife) => {
        const origin = { from, callId, life: callersLife };
        if (request.type === 'serviceRequest') {
          if (this.#hosted?.id === request.service) this.#serve(this.#hosted, request, origin);
          return;
        }
        this.#tokens += 1;
        this.#requests.set(this.#tokens, origin);
        node.receive(this.#tokens, request);
      },
      replied: (callId, reply) => node.replied(callId, reply as Parameters<RaftNode['replied']>[1]), // only Raft calls from here
    });
  }

  #apply(node: RaftNode, applied: Applied): void {
    this.#world.trace.applied(this.id, applied);
    if (this.#hosted) return;
    if (applied.type === 'snapshot') {
      this.#service.installSnapshot(this.disk.snapshotBytes);
      node.snapshotRestored(applied.snapshot.index);
      return;
    }
    this.#service.apply(applied.entries);
    const policy = this.#world.snapshots;
    if (!policy || this.#service.lastApplied - node.log.snapshotIndex < policy.everyEntries) return;
    const staged = node.stageSnapshot(this.#service.lastApplied);
    void staged?.add(this.#service.snapshot(policy.bytes)).then(() => node.commitSnapshot(staged));
  }
}
