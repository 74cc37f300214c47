/** Debian's etcd: three members with their default durability. */
import path from 'node:path';
import { eventually } from '../../eventually.ts';
import type { Target } from '../load/job.ts';
import { Servers } from './servers.ts';
import type { Leadership, System } from './system.ts';

const nameOf = (place: number): string => `m${place + 1}`;
const url = ({ host, port }: Target): string => `http://${host}:${port}`;
const answerMsMax = 1500;
const startMsMax = 60_000;

export class EtcdCluster implements System {
  readonly name = 'etcd';
  readonly title = 'etcd';
  readonly protocol = 'etcd';
  readonly #servers: Servers;

  static async prepare(nodes = 3): Promise<EtcdCluster> {
    const isNew = new Set<number>();
    const servers = await Servers.prepare(nodes, (place, { targets, peers, folder }) => {
      const client = url(targets[place] ?? { host: '', port: 0 });
      const peer = url(peers[place] ?? { host: '', port: 0 });
      const members = peers.map((address, other) => `${nameOf(other)}=${url(address)}`).join(',');
      const state = isNew.has(place) ? 'existing' : 'new';
      isNew.add(place);
      return [
        ...['etcd', '--name', nameOf(place), '--data-dir', path.join(folder, nameOf(place))],
        ...['--listen-client-urls', client, '--advertise-client-urls', client],
        ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
        ...['--initial-cluster', members, '--initial-cluster-state', state],
        ...['--logger', 'zap', '--log-level', 'error', '--log-outputs', 'stderr'],
      ];
    });
    return new EtcdCluster(servers);
  }

  private constructor(servers: Servers) {
    this.#servers = servers;
  }

  get targets(): readonly Target[] {
    return this.#servers.targets;
  }

  async start(): Promise<void> {
    this.#servers.startAll();
    await eventually('etcd has a leader', () => this.leadership().catch(() => undefined), startMsMax);
  }

  async leadership(): Promise<Leadership> {
    const states = await Promise.all(this.targets.map((target, place) => this.#metrics(target, place)));
    const place = states.findIndex((text) => /^etcd_server_is_leader 1$/m.test(text));
    if (place < 0) throw new Error('no member of etcd leads');
    const changes = /^etcd_server_leader_changes_seen_total (\S+)$/m.exec(states[place] ?? '')?.[1];
    return { place, term: Number(changes) };
  }

  pids(): readonly number[] {
    return this.#servers.pids;
  }

  kill(place: number): Promise<void> {
    return this.#servers.end(place, 'SIGKILL');
  }

  async restart(place: number): Promise<void> {
    this.#servers.start(place);
    await eventually('etcd is whole', () => this.leadership().catch(() => undefined), startMsMax);
  }

  stop(): Promise<void> {
    return this.#servers.stop();
  }

  async #metrics(target: Target, place: number): Promise<string> {
    try {
      const answer = await fetch(`${url(target)}/metrics`, { signal: AbortSignal.timeout(answerMsMax) });
      return await answer.text();
    } catch {
      throw new Error(`member ${nameOf(place)} of etcd is not up`);
    }
  }
}
