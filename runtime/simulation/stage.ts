/** A cluster in simulated time as somebody sees it who looks on and interferes: a simulation, or a bench of the labs. */
import type { NodeId } from '../../machines/configuration.ts';
import type { StoredState } from '../../machines/ports.ts';
import { VirtualClock } from '../clock/virtualClock.ts';
import { InvalidArgument } from '../errors.ts';
import { peerName } from '../makeRaft.ts';
import type { NodeStatus } from '../raftNode.options.ts';
import type { RaftNode } from '../raftNode.ts';
import { persisterStorage } from '../storage/persisterStorage.ts';
import type { Bench } from './bench.ts';
import type { SimulatedNetwork } from './network.ts';

/** What can be seen of it. */
export interface Spectacle {
  readonly ids: readonly NodeId[];
  readonly clock: VirtualClock;
  readonly network: SimulatedNetwork;
  /** A node in its present life; undefined: down. */
  running(id: NodeId): RaftNode | undefined;
  status(id: NodeId): NodeStatus | undefined;
  /** Its process stands still until then, ms; undefined: it does not. */
  pausedUntil(id: NodeId): number | undefined;
  /** Of a node, up or down: what it would find there in its next life. */
  disk(id: NodeId): { readonly recovered: StoredState };
}

/** And what can be done to it; names that it does not have are refused as InvalidArgument. */
export interface Stage extends Spectacle {
  /** Called after each event of the clock. What it throws ends the run. */
  onTurn: () => void;
  run(ms: number): Promise<void>;
  until(holds: () => boolean, ms: number): Promise<boolean>;
  crash(id: NodeId): void;
  restart(id: NodeId): void;
  /** Absent: its processes do not stand still. */
  pause?(id: NodeId, ms: number): void;
  transferLeadership(to: NodeId): void;
  leader(): NodeId | undefined;
  stop(): void;
}

/** A bench of the labs in virtual time, by the names of its servers. */
export class BenchStage implements Stage {
  readonly ids: readonly NodeId[];
  readonly clock: VirtualClock;
  readonly #bench: Bench;

  /** @throws InvalidArgument if it runs on the machine's clock */
  constructor(bench: Bench) {
    if (!(bench.clock instanceof VirtualClock)) {
      throw new InvalidArgument('A bench on the machine’s clock cannot be stepped: make it in virtual time.');
    }
    this.#bench = bench;
    this.clock = bench.clock;
    this.ids = Array.from({ length: bench.size }, (_, i) => peerName(i));
  }

  get network(): SimulatedNetwork {
    return this.#bench.network;
  }

  get onTurn(): () => void {
    return this.#bench.onTurn;
  }

  set onTurn(onTurn: () => void) {
    this.#bench.onTurn = onTurn;
  }

  async run(ms: number): Promise<void> {
    await this.until(() => false, ms);
  }

  until(holds: () => boolean, ms: number): Promise<boolean> {
    return this.#bench.until(holds, ms);
  }

  running(id: NodeId): RaftNode | undefined {
    return this.#bench.running(this.#placeOf(id));
  }

  status(id: NodeId): NodeStatus | undefined {
    return this.running(id)?.status();
  }

  pausedUntil(): undefined {
    return undefined;
  }

  disk(id: NodeId): { readonly recovered: StoredState } {
    return persisterStorage(this.#bench.persister(this.#placeOf(id)));
  }

  crash(id: NodeId): void {
    this.#bench.crash(this.#placeOf(id));
  }

  restart(id: NodeId): void {
    this.#bench.restart(this.#placeOf(id));
  }

  transferLeadership(to: NodeId): void {
    const leader = this.leader();
    if (leader !== undefined) this.running(leader)?.tell('raft', { type: 'transferAsked', to });
  }

  leader(): NodeId | undefined {
    const termLed = (id: NodeId) => (this.running(id)?.isLeader ? (this.running(id)?.term ?? 0) : 0);
    const [latest] = [...this.ids].sort((a, b) => termLed(b) - termLed(a));
    return latest !== undefined && termLed(latest) > 0 ? latest : undefined;
  }

  stop(): void {
    this.#bench.stop();
  }

  #placeOf(id: NodeId): number {
    const place = this.ids.indexOf(id);
    if (place < 0) throw new InvalidArgument(`There is no node ${id} among ${this.ids.join(', ')}.`);
    return place;
  }
}
