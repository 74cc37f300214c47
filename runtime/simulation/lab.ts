/**
 * The labs' bench in simulated time: a cluster of `makeRaft` servers, each with a persister of its own, that can be cut
 * off, crashed and restarted, and that checks after every delivery what must always hold.
 */
import { Subject } from 'rxjs';
import type { RaftReply, RaftRequest } from '../../machines/messages.ts';
import { SeededRandom } from '../../machines/random.ts';
import { type ApplyMsg, type MakeRaftOptions, makeRaft, nodeOf, peerName, type Raft } from '../makeRaft.ts';
import type { Started } from '../raftNode.options.ts';
import type { RaftNode } from '../raftNode.ts';
import { MemoryPersister } from '../storage/persister.ts';
import { Bench, type BenchOptions, ScenarioFailure } from './bench.ts';
import { Caller } from './caller.ts';

export interface ClusterOptions extends BenchOptions {
  readonly raft?: Partial<Omit<MakeRaftOptions, 'peers' | 'me' | 'persister' | 'applyCh'>>;
  /** Called with each thing that a server applies, right after the bench has looked at it. */
  readonly onApply?: (server: number, message: ApplyMsg, raft: Raft) => void;
}

/** What the labs print of a run. */
export interface Figures {
  /** Of the clock that it ran on. */
  readonly seconds: number;
  readonly peers: number;
  readonly rpcs: number;
  /** Of requests and replies, encoded. */
  readonly bytes: number;
  /** The highest index that any server has applied. */
  readonly commits: number;
}

interface Server {
  raft: Raft | undefined;
  persister: MemoryPersister;
  /** Commands by index, as this server applied them. */
  applied: Map<number, string>;
  lastApplied: number;
}

/** Of a command that is told of, characters. */
const commandLengthMax = 40;

const text = new TextDecoder();
const bytesOf = new TextEncoder();

export class Cluster extends Bench {
  readonly #servers: Server[];
  readonly #options: ClusterOptions;
  /** Of the moments at which the bench looks; the servers draw from generators of their own. */
  readonly #random: SeededRandom;
  /** The first command applied at each index, by whichever server. */
  readonly #agreed = new Map<number, string>();
  readonly #leaderOf = new Map<number, number>();
  #restarts = 0;
  #snapshotsInstalled = 0;

  constructor(size: number, options: ClusterOptions = {}) {
    super(options);
    this.#options = options;
    this.#random = new SeededRandom(`${this.seed} bench`);
    this.#servers = Array.from({ length: size }, () => ({
      ...{ raft: undefined, persister: new MemoryPersister(), applied: new Map(), lastApplied: 0 },
    }));
    for (let i = 0; i < size; i += 1) this.#boot(i);
  }

  get size(): number {
    return this.#servers.length;
  }

  /** How often a server took over a snapshot of a leader. */
  get snapshotsInstalled(): number {
    return this.#snapshotsInstalled;
  }

  /** The highest index that any server has applied. */
  get committed(): number {
    return Math.max(0, ...this.#agreed.keys());
  }

  get figures(): Figures {
    return {
      ...{ seconds: this.seconds, peers: this.size },
      ...{ ...this.network.counts, commits: this.committed },
    };
  }

  /** @throws ScenarioFailure if the server is down */
  raft(i: number): Raft {
    const raft = this.#server(i).raft;
    if (!raft) throw new ScenarioFailure(`Server ${i} is down: restart it first.`);
    return raft;
  }

  persister(i: number): MemoryPersister {
    return this.#server(i).persister;
  }

  isConnected(i: number): boolean {
    return this.network.isConnected(peerName(i)) && this.#server(i).raft !== undefined;
  }

  isDown(i: number): boolean {
    return this.#server(i).raft === undefined;
  }

  running(i: number): RaftNode | undefined {
    const { raft } = this.#server(i);
    return raft && nodeOf(raft);
  }

  connect(...servers: readonly number[]): void {
    const back = servers.filter((i) => !this.network.isConnected(peerName(i)));
    if (back.length > 0) this.act(`Reconnect ${namesOf(back)}.`);
    for (const i of servers) this.network.connect(peerName(i));
  }

  disconnect(...servers: readonly number[]): void {
    const off = servers.filter((i) => this.network.isConnected(peerName(i)));
    if (off.length > 0) this.act(`Cut ${namesOf(off)} off.`);
    for (const i of servers) this.network.disconnect(peerName(i));
  }

  crash(i: number): void {
    if (!this.isDown(i)) this.act(`Crash ${peerName(i)}.`);
    this.#silence(i);
  }

  restart(i: number): void {
    this.act(`Restart ${peerName(i)}.`);
    this.#silence(i);
    this.#boot(i);
  }

  /** A proposal that a leader takes is an act. */
  start(i: number, command: string): Started {
    const started = this.#start(i, command);
    if (started.isLeader) this.act(`${peerName(i)} proposes "${shortened(command)}".`);
    return started;
  }

  #start(i: number, command: string): Started {
    return this.raft(i).start(bytesOf.encode(command));
  }

  #silence(i: number): void {
    const server = this.#server(i);
    server.persister = server.persister.copy();
    this.network.detach(peerName(i));
    server.raft?.kill();
    server.raft = undefined;
  }

  /**
   * The one connected leader of the latest term, polled up to ten times 450 to 550 ms apart.
   * @throws ScenarioFailure
   */
  async checkOneLeader(): Promise<number> {
    this.act('Until somebody leads …');
    for (let round = 0; round < 10; round += 1) {
      await this.pass(450 + this.#random.next() * 100);
      const leaders = this.#connected()
        .map((i) => ({ i, ...this.raft(i).getState() }))
        .filter(({ isLeader }) => isLeader)
        .sort((a, b) => b.term - a.term);
      const [first, second] = leaders;
      if (first && first.term === second?.term) {
        throw this.fail(`servers ${first.i} and ${second.i} both lead term ${first.term}`);
      }
      if (first) return first.i;
    }
    throw this.fail('no leader was elected in ten polls');
  }

  /** @throws ScenarioFailure if a connected server leads */
  checkNoLeader(): void {
    for (const i of this.#connected()) {
      if (this.raft(i).getState().isLeader) throw this.fail(`server ${i} leads without a majority`);
    }
  }

  /** The term that all connected servers agree on. */
  checkTerms(): number {
    const terms = new Set(this.#connected().map((i) => this.raft(i).getState().term));
    const [term] = terms;
    if (term === undefined || terms.size > 1) throw this.fail(`terms differ: ${[...terms].join(', ')}`);
    return term;
  }

  /** How many servers have applied a command at `index`, and which command. */
  appliedAt(index: number): { readonly count: number; readonly command: string | undefined } {
    const count = this.#servers.filter((server) => server.applied.has(index)).length;
    return { count, command: this.#agreed.get(index) };
  }

  /**
   * Submits a command to whoever leads until `expected` servers have applied it at one index, which is returned. Up to
   * 10 s; without `retry` one try of 2 s.
   * @throws ScenarioFailure
   */
  async one(command: string, expected: number, retry = true): Promise<number> {
    const where = expected === 1 ? 'a server' : `${expected} servers`;
    this.act(`Until "${shortened(command)}" is agreed on by ${where} …`);
    const deadline = this.clock.now() + 10_000;
    let next = 0;
    while (this.clock.now() < deadline) {
      const index = this.#submit(command, next);
      next += 1;
      if (index === undefined) {
        await this.pass(50);
        continue;
      }
      const agreed = () => {
        const { count, command: applied } = this.appliedAt(index);
        return count >= expected && applied === command;
      };
      if (await this.until(agreed, Math.min(2000, deadline - this.clock.now()))) return index;
      if (!retry) throw this.fail(`"${command}" was not agreed on in 2 s`);
    }
    throw this.fail(`"${command}" was not agreed on by ${expected} servers in 10 s`);
  }

  stop(): void {
    this.#servers.forEach((server, i) => {
      this.network.detach(peerName(i));
      server.raft?.kill();
    });
  }

  #submit(command: string, offset: number): number | undefined {
    for (let n = 0; n < this.size; n += 1) {
      const i = (n + offset) % this.size;
      if (!this.isConnected(i)) continue;
      const { index, isLeader } = this.#start(i, command);
      if (isLeader) return index;
    }
    return undefined;
  }

  #server(i: number): Server {
    const server = this.#servers[i];
    if (!server) throw new RangeError(`There is no server ${i} among ${this.size}.`);
    return server;
  }

  #connected(): number[] {
    return this.#servers.map((_, i) => i).filter((i) => this.isConnected(i));
  }

  #boot(i: number): void {
    const server = this.#server(i);
    const me = peerName(i);
    const applyCh = new Subject<ApplyMsg>();
    const caller = new Caller(this.network, me, (request) => raft.handle(request as RaftRequest)); // Raft's alone
    const peers = this.#servers.map((_, to) => ({
      call: (request: RaftRequest) => caller.call(peerName(to), request) as Promise<RaftReply | undefined>,
    }));
    this.#restarts += 1;
    server.applied = new Map();
    const raft = makeRaft({
      ...{ peers, me: i, persister: server.persister, applyCh },
      ...{ clock: this.clock, scheduling: this.scheduling },
      seed: `${this.seed} server ${i} boot ${this.#restarts}`,
      ...this.#options.raft,
    });
    server.raft = raft;
    server.lastApplied = raft.status().snapshotIndex;
    applyCh.subscribe((message) => {
      this.#look(i, server, message);
      this.#options.onApply?.(i, message, raft);
    });
    raft.events.on('roleChanged', ({ role, term }) => {
      if (role !== 'leader') return;
      const other = this.#leaderOf.get(term) ?? i;
      if (other !== i) this.failure ??= this.fail(`servers ${other} and ${i} both led term ${term}`);
      this.#leaderOf.set(term, i);
    });
  }

  /** Agreement and order, at every apply. */
  #look(i: number, server: Server, message: ApplyMsg): void {
    if ('snapshotValid' in message) {
      if (message.snapshotIndex <= server.lastApplied) {
        this.failure ??= this.fail(
          `server ${i} applied a snapshot of ${message.snapshotIndex} after ${server.lastApplied}`,
        );
      }
      server.lastApplied = message.snapshotIndex;
      this.#snapshotsInstalled += 1;
      return;
    }
    const { commandIndex: index } = message;
    if (index !== server.lastApplied + 1) {
      this.failure ??= this.fail(`server ${i} applied index ${index} after ${server.lastApplied}`);
    }
    server.lastApplied = index;
    if (!('commandValid' in message)) return;
    const command = text.decode(message.command);
    const agreed = this.#agreed.get(index) ?? command;
    if (agreed !== command) {
      this.failure ??= this.fail(
        `server ${i} applied "${command}" at ${index} where another applied "${agreed}"`,
      );
    }
    this.#agreed.set(index, command);
    server.applied.set(index, command);
  }
}

function namesOf(servers: readonly number[]): string {
  return servers.map(peerName).join(', ');
}

/** As there is room for. */
function shortened(command: string): string {
  return command.length > commandLengthMax ? `${command.slice(0, commandLengthMax)}…` : command;
}

/** `size` servers on a reliable network; see SCENARIOS. */
export function cluster(size: number, options?: ClusterOptions): Cluster {
  return new Cluster(size, options);
}
