/** The labs' bench for the key/value service: servers, clerks, partitions, crashes, in simulated time by default. */
import type { RaftReply, RaftRequest } from '../../machines/messages.ts';
import type { ServiceReply, ServiceRequest } from '../../runtime/codec.ts';
import { nodeOf, peerName } from '../../runtime/makeRaft.ts';
import type { NodeStatus } from '../../runtime/raftNode.options.ts';
import type { RaftNode } from '../../runtime/raftNode.ts';
import { Bench, type BenchOptions } from '../../runtime/simulation/bench.ts';
import { Caller } from '../../runtime/simulation/caller.ts';
import type { Figures } from '../../runtime/simulation/lab.ts';
import { MemoryPersister } from '../../runtime/storage/persister.ts';
import { type Clerk, makeClerk } from '../makeClerk.ts';
import { type KvServer, startKvServer } from '../startKvServer.ts';

export interface KvClusterOptions extends BenchOptions {
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

/** What the labs print of a run with clients: `commits` is operations that were answered, and bytes are left out. */
export type KvFigures = Omit<Figures, 'bytes'>;

export class KvCluster extends Bench {
  readonly #maxRaftState: number;
  readonly #options: KvClusterOptions;
  readonly #servers: (KvServer | undefined)[];
  readonly #persisters: MemoryPersister[];
  readonly #clerks: { readonly id: string; readonly clerk: Clerk }[] = [];
  #boots = 0;
  #operations = 0;

  constructor(size: number, options: KvClusterOptions = {}) {
    super(options);
    this.#options = options;
    this.#maxRaftState = options.maxRaftState ?? -1;
    this.#servers = new Array(size).fill(undefined);
    const { makePersister = () => new MemoryPersister() } = options;
    this.#persisters = Array.from({ length: size }, makePersister);
    for (let i = 0; i < size; i += 1) this.#boot(i);
  }

  get size(): number {
    return this.#servers.length;
  }

  /** The places of all servers. */
  get all(): number[] {
    return this.#servers.map((_, i) => i);
  }

  get figures(): KvFigures {
    return {
      ...{ seconds: this.seconds, peers: this.size },
      ...{ rpcs: this.network.counts.rpcs, commits: this.#operations },
    };
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

  running(i: number): RaftNode | undefined {
    const server = this.#servers[i];
    return server && nodeOf(server.raft);
  }

  crash(i: number): void {
    this.act(`Crash ${peerName(i)}.`);
    this.#silence(i);
  }

  restart(i: number): void {
    this.act(`Restart ${peerName(i)}.`);
    this.#silence(i);
    this.#boot(i);
  }

  #silence(i: number): void {
    this.network.detach(peerName(i));
    this.#persisters[i] = this.persister(i).copy();
    this.#servers[i]?.kill();
    this.#servers[i] = undefined;
  }

  #boot(i: number): void {
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
      ...{ clock: this.clock, scheduling: this.scheduling, seed: `${this.seed} ${i} ${this.#boots}` },
    });
    this.#servers[i] = server;
  }

  /**
   * A clerk that reaches the servers over the same network, under the name c0, c1, …; only those of `reached`, if given,
   * until servers are parted anew or the network is healed. `nearest` is the server that it reads at, if it is given.
   */
  clerk(reached?: readonly number[], nearest?: number): Clerk {
    const id = `c${this.#clerks.length}`;
    const caller = new Caller(this.network, id);
    const servers = this.#servers.map((_, to) => ({
      // A service's request gets a service's reply.
      call: (request: ServiceRequest) =>
        caller.call(peerName(to), request) as Promise<ServiceReply | undefined>,
    }));
    for (const to of servers.keys()) if (reached?.includes(to) === false) this.network.cut(id, peerName(to));
    const first = this.#clerks.length % this.size;
    const clerk = makeClerk({
      ...{ servers, first, clock: this.clock, scheduling: this.scheduling },
      ...(nearest !== undefined && { nearest }),
    });
    this.#clerks.push({ id, clerk });
    return {
      put: (key, value) => this.#counted(clerk.put(key, value)),
      append: (key, value) => this.#counted(clerk.append(key, value)),
      get: (key) => this.#counted(clerk.get(key)),
      close: () => clerk.close(),
    };
  }

  /** Splits the servers; clerks reach all of them. */
  split(...groups: readonly (readonly number[])[]): void {
    this.#part(groups);
    this.network.partition(...groups.map((group) => group.map(peerName)));
  }

  /** Splits the servers; all clerks stay with the group named first. */
  partition(withClerks: readonly number[], rest: readonly number[]): void {
    this.#part([withClerks, rest]);
    const clerks = this.#clerks.map(({ id }) => id);
    this.network.partition([...withClerks.map(peerName), ...clerks], rest.map(peerName));
  }

  heal(): void {
    this.act('Heal the network.');
    this.network.heal();
  }

  /**
   * Lets time pass until the work is done.
   * @throws ScenarioFailure if it is not within `ms`, or the run takes longer than it may
   */
  async during<T>(work: Promise<T>, ms = 120_000): Promise<T> {
    const state = { settled: false };
    const settle = () => {
      state.settled = true;
    };
    work.then(settle, settle);
    if (await this.until(() => state.settled, ms)) return work;
    throw this.fail(`not done after ${ms} ms`);
  }

  stop(): void {
    for (const { clerk } of this.#clerks) clerk.close();
    for (let i = 0; i < this.size; i += 1) this.#silence(i);
  }

  #part(groups: readonly (readonly number[])[]): void {
    const sides = groups.filter(({ length }) => length > 0).map((group) => group.map(peerName).join(', '));
    this.act(sides.length > 1 ? `Partition ${sides.join(' | ')}.` : 'Heal the network.');
  }

  async #counted<T>(work: Promise<T>): Promise<T> {
    const answer = await work;
    this.#operations += 1;
    return answer;
  }
}

export function kvCluster(size: number, options?: KvClusterOptions): KvCluster {
  return new KvCluster(size, options);
}
