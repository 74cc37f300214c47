/** The labs' bench for the key/value service in simulated time: servers, clerks, partitions, crashes. */
import type { RaftReply, RaftRequest } from '../../machines/messages.ts';
import { SeededRandom } from '../../machines/random.ts';
import { VirtualClock } from '../../runtime/clock/virtualClock.ts';
import type { ServiceReply, ServiceRequest } from '../../runtime/codec.ts';
import { peerName } from '../../runtime/makeRaft.ts';
import type { NodeStatus } from '../../runtime/raftNode.options.ts';
import { virtualScheduling } from '../../runtime/scheduling.ts';
import { Caller } from '../../runtime/simulation/caller.ts';
import { type Conditions, SimulatedNetwork } from '../../runtime/simulation/network.ts';
import { MemoryPersister } from '../../runtime/storage/persister.ts';
import { type Clerk, makeClerk } from '../makeClerk.ts';
import { type KvServer, startKvServer } from '../startKvServer.ts';

export interface KvClusterOptions {
  readonly seed?: number | string;
  readonly conditions?: Conditions;
  /** bytes; -1, the default: no snapshots */
  readonly maxRaftState?: number;
  /** What each server keeps its state in; memory by default. */
  readonly makePersister?: () => MemoryPersister;
  /** How far each server's time of day is ahead of that of the simulation, ms. A test may change it as it goes. */
  readonly clockSkewMs?: readonly number[];
  /** A session that no command has used for so long ends, ms; 1 hour unless given. */
  readonly sessionIdleMsMax?: number;
}

/** The time of day when a simulation begins, ms since the Unix epoch: that of a plausible date. */
const dayMs = 1_700_000_000_000;

export class KvCluster {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly #seed: number | string;
  readonly #maxRaftState: number;
  readonly #options: KvClusterOptions;
  readonly #servers: (KvServer | undefined)[];
  readonly #persisters: MemoryPersister[];
  readonly #clerks: { readonly id: string; readonly clerk: Clerk }[] = [];
  #boots = 0;

  constructor(size: number, options: KvClusterOptions = {}) {
    this.#options = options;
    this.#seed = options.seed ?? 1;
    this.#maxRaftState = options.maxRaftState ?? -1;
    this.network = new SimulatedNetwork(this.clock, new SeededRandom(`${this.#seed} network`));
    if (options.conditions) this.network.conditions = options.conditions;
    this.#servers = new Array(size).fill(undefined);
    const { makePersister = () => new MemoryPersister() } = options;
    this.#persisters = Array.from({ length: size }, makePersister);
    for (let i = 0; i < size; i += 1) this.restart(i);
  }

  get size(): number {
    return this.#servers.length;
  }

  persister(i: number): MemoryPersister {
    const persister = this.#persisters[i];
    if (!persister) throw new RangeError(`There is no server ${i} among ${this.size}.`);
    return persister;
  }

  /** The server that leads the latest term, if one does. */
  leader(): number | undefined {
    let leader: { i: number; term: number } | undefined;
    this.#servers.forEach((server, i) => {
      const state = server?.raft.getState();
      if (state?.isLeader && state.term >= (leader?.term ?? 0)) leader = { i, term: state.term };
    });
    return leader?.i;
  }

  /** What a server says of its Raft; undefined if it is down. */
  status(i: number): NodeStatus | undefined {
    return this.#servers[i]?.raft.status();
  }

  /** The time of day on a server, ms since the Unix epoch. */
  timeOfDay(i: number): number {
    return dayMs + this.clock.now() + (this.#options.clockSkewMs?.[i] ?? 0);
  }

  crash(i: number): void {
    this.network.detach(peerName(i));
    this.#persisters[i] = this.persister(i).copy();
    this.#servers[i]?.kill();
    this.#servers[i] = undefined;
  }

  /** A new server from what the old one persisted. */
  restart(i: number): void {
    this.crash(i);
    this.#boots += 1;
    const caller = new Caller(this.network, peerName(i), (request) =>
      request.type === 'serviceRequest' ? server.handle(request) : server.handle(request),
    );
    const { sessionIdleMsMax } = this.#options;
    const server = startKvServer({
      timeOfDay: () => this.timeOfDay(i),
      ...(sessionIdleMsMax !== undefined && { sessionIdleMsMax }),
      peers: this.#servers.map((_, to) => ({
        // A Raft request gets a Raft reply.
        call: (request: RaftRequest) => caller.call(peerName(to), request) as Promise<RaftReply | undefined>,
      })),
      ...{ me: i, persister: this.persister(i), maxRaftState: this.#maxRaftState },
      ...{ clock: this.clock, scheduling: virtualScheduling, seed: `${this.#seed} ${i} ${this.#boots}` },
    });
    this.#servers[i] = server;
  }

  /** A clerk that reaches the servers over the same network, under the name c0, c1, … */
  clerk(): Clerk {
    const id = `c${this.#clerks.length}`;
    const caller = new Caller(this.network, id);
    const servers = this.#servers.map((_, to) => ({
      // A service's request gets a service's reply.
      call: (request: ServiceRequest) =>
        caller.call(peerName(to), request) as Promise<ServiceReply | undefined>,
    }));
    const first = this.#clerks.length % this.size;
    const clerk = makeClerk({ servers, first, clock: this.clock, scheduling: virtualScheduling });
    this.#clerks.push({ id, clerk });
    return clerk;
  }

  /** Splits the servers; all clerks stay with the group named first. */
  partition(withClerks: readonly number[], rest: readonly number[]): void {
    const clerks = this.#clerks.map(({ id }) => id);
    this.network.partition([...withClerks.map(peerName), ...clerks], rest.map(peerName));
  }

  heal(): void {
    this.network.heal();
  }

  async sleep(ms: number): Promise<void> {
    await this.clock.run(this.clock.now() + ms);
  }

  /**
   * Lets time pass until the work is done.
   * @throws Error if it is not within `ms`
   */
  async during<T>(work: Promise<T>, ms = 120_000): Promise<T> {
    const state = { settled: false };
    const settle = () => {
      state.settled = true;
    };
    work.then(settle, settle);
    const done = await this.clock.run(this.clock.now() + ms, () => state.settled);
    if (!done) throw new Error(`Not done after ${ms} ms of simulated time, with seed ${this.#seed}.`);
    return work;
  }

  stop(): void {
    for (const { clerk } of this.#clerks) clerk.close();
    for (let i = 0; i < this.size; i += 1) this.crash(i);
  }
}

export function kvCluster(size: number, options?: KvClusterOptions): KvCluster {
  return new KvCluster(size, options);
}
