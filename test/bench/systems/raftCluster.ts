/** This system: a process for each node, from what `npm run build` has made, as `xstate-raft serve` runs it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { askFacts, type NodeFacts } from '../../../kv/commandLine/nodeFacts.ts';
import { eventually } from '../../eventually.ts';
import type { Target } from '../load/job.ts';
import { Servers } from './servers.ts';
import type { Leadership, System } from './system.ts';

const command = path.resolve(import.meta.dirname, '../../../dist/kv/bin.js');
const startMsMax = 120_000;

interface Shape {
  /** Of Node for the process of each node, such as those of its profiler. */
  readonly nodeFlags?: readonly string[];
  /** Of `xstate-raft serve`, besides addresses and folders. */
  readonly settings?: readonly string[];
  /** Where there are several in one part. */
  readonly title?: string;
}

const idOf = (place: number): string => `n${place + 1}`;

export class RaftCluster implements System {
  readonly name = 'xstate-raft';
  readonly title: string;
  readonly protocol = 'redis';
  readonly #servers: Servers;

  /** @throws Error if nothing was built */
  static async prepare(
    nodes = 3,
    { nodeFlags = [], settings = [], title }: Shape = {},
  ): Promise<RaftCluster> {
    if (!existsSync(command)) throw new Error('There is no dist/: run `npm run build` first.');
    const servers = await Servers.prepare(nodes, (place, { targets, peers, folder }) => {
      const members = peers.map(({ host, port }, peer) => `${idOf(peer)}=${host}:${port}`).join(',');
      const { host, port } = targets[place] ?? { host: '', port: 0 };
      return [
        ...[process.execPath, ...nodeFlags, command, 'serve', '--log', 'json', '--id', idOf(place)],
        ...['--peers', members, '--redis', `${host}:${port}`, '--data', path.join(folder, idOf(place))],
        ...settings,
      ];
    });
    return new RaftCluster(servers, title ?? 'xstate-raft');
  }

  private constructor(servers: Servers, title: string) {
    this.#servers = servers;
    this.title = title;
  }

  get targets(): readonly Target[] {
    return this.#servers.targets;
  }

  async start(): Promise<void> {
    this.#servers.startAll();
    await Promise.all(this.targets.map((_, place) => this.#servers.at(place).says(/"ready"|ready/)));
    await eventually('a node leads', () => this.leadership().catch(() => undefined), startMsMax);
  }

  async leadership(): Promise<Leadership> {
    const facts = await this.facts();
    const place = facts.findIndex(({ role }) => role === 'leader');
    if (place < 0) throw new Error('no node leads');
    return { place, term: facts[place]?.term ?? 0 };
  }

  /** @throws Error that names a node that does not answer */
  facts(): Promise<NodeFacts[]> {
    return Promise.all(this.targets.map((_, place) => this.factsOf(place)));
  }

  /** @throws Error that names the node if it does not answer */
  async factsOf(place: number): Promise<NodeFacts> {
    const target = this.targets[place];
    const facts = target && (await askFacts(target));
    if (!facts) throw new Error(`${idOf(place)} is not up`);
    return facts;
  }

  pids(): readonly number[] {
    return this.#servers.pids;
  }

  kill(place: number): Promise<void> {
    return this.#servers.end(place, 'SIGKILL');
  }

  /** Ends it as an operator would, so that it writes down what it has to. */
  end(place: number): Promise<void> {
    return this.#servers.end(place, 'SIGTERM');
  }

  /** Settles when it serves clients. */
  async restart(place: number): Promise<void> {
    this.#servers.start(place);
    await this.#servers.at(place).says(/"ready"|ready/);
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }
}
