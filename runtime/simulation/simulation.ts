/**
 * A cluster of nodes in simulated time, with simulated networks and disks, in which everything under way is plain data:
 * the whole can be captured between two events and restored any number of times. One seed gives one trace.
 */
import type { NodeId } from '../../machines/configuration.ts';
import type { Log } from '../../machines/log.ts';
import type { RaftOptions } from '../../machines/raft.context.ts';
import { SeededRandom } from '../../machines/random.ts';
import { VirtualClock } from '../clock/virtualClock.ts';
import { InvalidArgument } from '../errors.ts';
import type { NodeStatus, Started } from '../raftNode.options.ts';
import type { RaftNode } from '../raftNode.ts';
import type { SnapshotPolicy } from './digestService.ts';
import { type Conditions, conditions, type NetworkImage, SimulatedNetwork } from './network.ts';
import { type DiskConditions, reliableDisk, type SimulatedDisk } from './simulatedDisk.ts';
import { type Parts, SimulatedNode, type SimulatedNodeImage } from './simulatedNode.ts';
import { Trace, type TraceImage } from './trace.ts';
import { Workload, type WorkloadImage, type WorkloadOptions } from './workload.ts';

export interface SimulationOptions {
  /** The voters, or how many: then they are n1, n2 and so on. */
  readonly nodes: number | readonly NodeId[];
  /** Everything random follows from it. */
  readonly seed: number | string;
  /** What differs from the reliable network. */
  readonly network?: Partial<Conditions>;
  /** What differs from the reliable disk. */
  readonly disk?: Partial<DiskConditions>;
  readonly raft?: Partial<RaftOptions>;
  /** By default nothing is proposed but by `propose`. */
  readonly workload?: WorkloadOptions;
  /** By default nothing is snapshotted. */
  readonly snapshots?: SnapshotPolicy;
  /** Whether the trace holds every transition of every actor, as it does by default; without them a run is faster. */
  readonly transitions?: boolean;
}

/** The log of a node, to be looked at. */
export type LogView = Pick<
  Log,
  'firstIndex' | 'lastIndex' | 'snapshotIndex' | 'snapshotTerm' | 'commitIndex' | 'termAt' | 'entryAt'
>;

/** A simulation between two events, as plain data. */
export interface SimulationImage {
  readonly options: SimulationOptions;
  readonly clock: { readonly now: number; readonly sequence: number };
  readonly network: NetworkImage;
  readonly networkRandom: readonly number[];
  readonly nodes: readonly SimulatedNodeImage[];
  readonly workload: WorkloadImage | null;
  readonly trace: TraceImage;
}

export class Simulation {
  readonly clock = new VirtualClock();
  readonly trace = new Trace(() => this.clock.now());
  /** Called after each event of the clock, with all that it set off, and before the first. What it throws ends the run. */
  onTurn: () => void = () => {};
  /** Partitions, cuts and heals; its conditions may be changed at any time. */
  readonly network: SimulatedNetwork;
  readonly #options: SimulationOptions;
  readonly #networkRandom: SeededRandom;
  readonly #nodes: ReadonlyMap<NodeId, SimulatedNode>;
  readonly #workload: Workload | undefined;
  #error: Error | undefined;

  /** With an image, the simulation goes on where the image was taken. */
  constructor(options: SimulationOptions, parts: Parts = {}, image?: SimulationImage) {
    this.#options = structuredClone(options);
    const { seed, nodes, workload } = this.#options;
    this.#networkRandom = new SeededRandom(`${seed} network`);
    this.network = new SimulatedNetwork(this.clock, this.#networkRandom);
    this.network.conditions = { ...conditions.reliable, ...this.#options.network };
    this.network.onSent = (from, to, message) => this.trace.sent(from, to, message);
    this.network.onDelivery = (from, to, bytes, message) => this.trace.delivered(from, to, bytes, message);
    this.#nodes = this.#makeNodes(typeof nodes === 'number' ? idsOf(nodes) : nodes, parts);
    this.#workload =
      workload &&
      new Workload(this.clock, new SeededRandom(`${seed} workload`), workload, {
        propose: (command, choice) => this.#oneOf(this.#leaders(), choice)?.node?.propose(command),
        read: (choice) => this.#oneOf(this.#running(), choice)?.read(),
      });
    if (image) this.#restore(image);
    else {
      for (const node of this.#nodes.values()) node.boot();
      this.#workload?.start();
    }
  }

  /** A simulation that goes on where the image was taken; the image is left as it is. */
  static restore(image: SimulationImage, parts: Parts = {}): Simulation {
    return new Simulation(image.options, parts, image);
  }

  /** How many commands the workload has had so far, reads included. */
  get submitted(): number {
    return this.#workload?.count ?? 0;
  }

  /** All nodes, up or down. */
  get ids(): readonly NodeId[] {
    return [...this.#nodes.keys()];
  }

  /**
   * Lets simulated time pass.
   * @throws TimeStandsStill, or the error that a node ended with, unless the simulated disk failed as it was asked to
   */
  async run(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  /** Lets time pass until `holds`, looked at after each event; returns whether it did within `ms`. Throws as `run`. */
  async until(holds: () => boolean, ms: number): Promise<boolean> {
    const held = await this.clock.run(this.clock.now() + ms, () => {
      this.onTurn();
      return this.#error !== undefined || holds();
    });
    if (this.#error) throw this.#error;
    return held;
  }

  /** @throws InvalidArgument if the node is down */
  propose(id: NodeId, command: Uint8Array): Started {
    const { node } = this.#node(id);
    if (!node) throw new InvalidArgument(`${id} is down: restart it first.`);
    return node.propose(command);
  }

  /** The power of a node fails: what its disk had not synced is lost. */
  crash(id: NodeId): void {
    this.#node(id).crash();
  }

  /** A new life of a node from its disk; one that is up crashes first. */
  restart(id: NodeId): void {
    const node = this.#node(id);
    node.crash();
    node.boot();
  }

  /** Asks a node for a read index; the trace has the question and the answer. Nothing happens on one that is down. */
  read(id: NodeId): void {
    this.#node(id).read();
  }

  /** Asks whoever leads to hand over to `to`; it does so if it can. */
  transferLeadership(to: NodeId): void {
    const [leader] = this.#leaders();
    leader?.node?.tell('raft', { type: 'transferAsked', to });
  }

  /** The process of a node stands still for so long; what was due or arrived meanwhile comes late. */
  pause(id: NodeId, ms: number): void {
    this.#node(id).clock.pause(ms);
  }

  /** The clock of a node goes on by `rate` ms in each of the world's. */
  setClockRate(id: NodeId, rate: number): void {
    if (!(rate > 0)) throw new InvalidArgument(`A clock cannot run at rate ${rate}: give a number above 0.`);
    this.#node(id).clock.setRate(rate);
  }

  /** Undefined: down. */
  log(id: NodeId): LogView | undefined {
    return this.#node(id).node?.log;
  }

  /** Undefined: down. */
  status(id: NodeId): NodeStatus | undefined {
    return this.#node(id).node?.status();
  }

  /** The node itself, in its present life, to be looked at; undefined: down. */
  running(id: NodeId): RaftNode | undefined {
    return this.#node(id).node;
  }

  /** Its process stands still until then, on the simulation's clock; undefined: it does not. */
  pausedUntil(id: NodeId): number | undefined {
    const { pausedUntil } = this.#node(id).clock;
    return pausedUntil > this.clock.now() ? pausedUntil : undefined;
  }

  /** The disk of a node, up or down; its conditions may be changed at any time. */
  disk(id: NodeId): SimulatedDisk {
    return this.#node(id).disk;
  }

  /** What the service of a node has applied; equal digests at equal indexes mean equal histories. */
  applied(id: NodeId): { readonly lastApplied: number; readonly digest: string } {
    const { service } = this.#node(id);
    return { lastApplied: service.lastApplied, digest: service.digest() };
  }

  /** The term that a node leads; undefined: it does not. */
  termLed(id: NodeId): number | undefined {
    const { node } = this.#node(id);
    return node?.isLeader ? node.term : undefined;
  }

  /** Who leads the latest term that anyone leads. */
  leader(): NodeId | undefined {
    return this.#leaders()[0]?.id;
  }

  /**
   * All there is, as plain data, between two events: after `run` or `until`, or while `until` looks. It survives
   * structuredClone.
   * @throws NotCapturable right after a proposal: run(0) first
   */
  capture(): SimulationImage {
    return {
      ...{ options: this.#options, clock: this.clock.image(), trace: this.trace.image() },
      ...{ network: this.network.image(), networkRandom: this.#networkRandom.image() },
      nodes: [...this.#nodes.values()].map((node) => node.image()),
      workload: this.#workload?.image() ?? null,
    };
  }

  /** Ends all nodes. */
  stop(): void {
    for (const node of this.#nodes.values()) node.crash();
  }

  #makeNodes(ids: readonly NodeId[], parts: Parts): ReadonlyMap<NodeId, SimulatedNode> {
    const { seed, disk, raft = {}, snapshots, transitions = true } = this.#options;
    const world = {
      ...{ seed, clock: this.clock, network: this.network, trace: this.trace, raft, snapshots },
      ...{ transitions, parts },
      ...{ configuration: { voters: ids, learners: [] }, disk: { ...reliableDisk, ...disk } },
      onError: (error: Error) => {
        this.#error ??= error;
      },
    };
    return new Map(ids.map((id) => [id, new SimulatedNode(id, world)]));
  }

  #restore(image: SimulationImage): void {
    this.clock.restore(image.clock);
    [...this.#nodes.values()].forEach((node, i) => {
      const nodeImage = image.nodes[i];
      if (nodeImage) node.restore(nodeImage);
    });
    // After the nodes: attaching counts lives and starting leaves a trace, and the image says what there was of both.
    this.network.restore(image.network);
    this.#networkRandom.restore(image.networkRandom);
    this.trace.restore(image.trace);
    if (image.workload) this.#workload?.restore(image.workload);
  }

  /** Those that believe to lead, latest term first: an old leader that is cut off may be among them. */
  #leaders(): SimulatedNode[] {
    return [...this.#nodes.values()]
      .filter(({ node }) => node?.isLeader)
      .sort((a, b) => (b.node?.term ?? 0) - (a.node?.term ?? 0));
  }

  #running(): SimulatedNode[] {
    return [...this.#nodes.values()].filter(({ node }) => node !== undefined);
  }

  #oneOf(nodes: readonly SimulatedNode[], choice: number): SimulatedNode | undefined {
    return nodes[Math.floor(choice * nodes.length)];
  }

  #node(id: NodeId): SimulatedNode {
    const node = this.#nodes.get(id);
    if (!node) throw new InvalidArgument(`There is no node ${id} among ${this.ids.join(', ')}.`);
    return node;
  }
}

/** Nodes in simulated time, from a seed. With `parts` one can see what happens when a part of a node is broken. */
export function simulate(options: SimulationOptions, parts?: Parts): Simulation {
  return new Simulation(options, parts);
}

function idsOf(count: number): NodeId[] {
  return Array.from({ length: count }, (_, i) => `n${i + 1}`);
}
