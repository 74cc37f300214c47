/** redis-server, one node that syncs its log with every batch of commands: the ceiling of the protocol. */
import { askRedis } from '../../../kv/commandLine/redisClient.ts';
import { eventually } from '../../eventually.ts';
import type { Target } from '../load/job.ts';
import { Servers } from './servers.ts';
import type { Leadership, System } from './system.ts';

const answerMsMax = 1500;

export class RedisServer implements System {
  readonly name = 'redis';
  readonly title = 'redis-server';
  readonly protocol = 'redis';
  readonly #servers: Servers;

  static async prepare(): Promise<RedisServer> {
    const servers = await Servers.prepare(1, (_, { targets, folder }) => [
      ...['redis-server', '--port', String(targets[0]?.port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'],
      // It would write its log anew in the middle of a round.
      ...['--auto-aof-rewrite-percentage', '0'],
    ]);
    return new RedisServer(servers);
  }

  private constructor(servers: Servers) {
    this.#servers = servers;
  }

  get targets(): readonly Target[] {
    return this.#servers.targets;
  }

  async start(): Promise<void> {
    this.#servers.startAll();
    await eventually('redis-server answers', () => this.leadership().catch(() => undefined));
  }

  async leadership(): Promise<Leadership> {
    const [target] = this.targets;
    if (!target || (await askRedis(target, ['PING'], answerMsMax).catch(() => '')) !== 'PONG')
      throw new Error('redis-server is not up');
    return { place: 0, term: 0 };
  }

  pids(): readonly number[] {
    return this.#servers.pids;
  }

  kill(place: number): Promise<void> {
    return this.#servers.end(place, 'SIGKILL');
  }

  async restart(place: number): Promise<void> {
    this.#servers.start(place);
    await eventually('redis-server answers', () => this.leadership().catch(() => undefined));
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }
}
