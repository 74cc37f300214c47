/** Three processes that are a cluster, with a network between them that can be cut link by link. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../eventually.ts';
import { freeBase } from '../freePorts.ts';
import { RunningCommand } from '../runningCommand.ts';
import { LinkProxy } from './linkProxy.ts';

const ids = ['n1', 'n2', 'n3'] as const;
export type NodeId = (typeof ids)[number];

/** A machine that has much else to do takes its time to start three of them. */
const startMsMax = 60_000;

interface Node {
  readonly redisPort: number;
  readonly peerPort: number;
  /** All processes that the node has been; the last one may run. */
  readonly processes: RunningCommand[];
  isRunning: boolean;
}

export class ProcessCluster {
  readonly ids: readonly NodeId[] = ids;
  readonly #nodes = new Map<NodeId, Node>();
  /** By who dials and who is dialled. */
  readonly #links = new Map<string, LinkProxy>();
  readonly #folder: string;

  /** Settles once a node leads. */
  static async start(): Promise<ProcessCluster> {
    const cluster = new ProcessCluster(
      await mkdtemp(path.join(tmpdir(), 'xstate-raft-')),
      await freeBase(ids.length),
    );
    try {
      for (const from of ids) {
        for (const to of ids) {
          if (from !== to)
            cluster.#links.set(`${from} ${to}`, await LinkProxy.to(cluster.#node(to).peerPort));
        }
      }
      await Promise.all(ids.map((id) => cluster.restart(id)));
      await cluster.whoLeads();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  private constructor(folder: string, base: number) {
    this.#folder = folder;
    ids.forEach((id, place) => {
      const ports = { redisPort: base + place, peerPort: base + 100 + place };
      this.#nodes.set(id, { ...ports, processes: [], isRunning: false });
    });
  }

  /** Where its clients reach it. */
  portOf(id: NodeId): number {
    return this.#node(id).redisPort;
  }

  /** Settles with the node that has last said that it leads, once that one runs. */
  whoLeads(): Promise<NodeId> {
    return eventually('a node leads', async () => {
      const [last] = this.#elections().sort((a, b) => b.term - a.term);
      return last !== undefined && this.#node(last.id).isRunning ? last.id : undefined;
    });
  }

  /** In how many terms a node has led. */
  get terms(): number {
    return new Set(this.#elections().map(({ term }) => term)).size;
  }

  /** By kill -9. */
  async kill(id: NodeId): Promise<void> {
    const node = this.#node(id);
    node.isRunning = false;
    await node.processes.at(-1)?.stop('SIGKILL');
  }

  /** Settles when it serves clients. */
  async restart(id: NodeId): Promise<void> {
    const node = this.#node(id);
    const process = new RunningCommand(['xstate-raft', ...this.#arguments(id)], undefined, startMsMax);
    node.processes.push(process);
    await process.says(/"event":"ready"/);
    node.isRunning = true;
  }

  pause(id: NodeId): void {
    this.#node(id).processes.at(-1)?.kill('SIGSTOP');
  }

  resume(id: NodeId): void {
    this.#node(id).processes.at(-1)?.kill('SIGCONT');
  }

  /** Nothing gets from one node to the other: neither requests nor replies. What is sent waits. */
  cut(from: NodeId, to: NodeId): void {
    this.#link(from, to).forth.isOpen = false;
    this.#link(to, from).back.isOpen = false;
  }

  /** Connections between the two break, and none can be made. */
  refuse(one: NodeId, other: NodeId): void {
    this.#link(one, other).refuse();
    this.#link(other, one).refuse();
  }

  /** @param late what was held up still arrives; else it is lost, and its connection with it */
  heal(late: boolean): void {
    for (const link of this.#links.values()) {
      if (!late && !(link.forth.isOpen && link.back.isOpen)) link.reset();
      link.accept();
      link.forth.isOpen = true;
      link.back.isOpen = true;
    }
  }

  /** What the nodes have said, for a person who looks for the reason of a failure. */
  get log(): string {
    return [...this.#nodes.values()]
      .flatMap(({ processes }) => processes.flatMap(({ stdout, stderr }) => [stdout, stderr]))
      .join('');
  }

  /** Ends the processes, and removes what they stored. */
  async stop(): Promise<void> {
    const running = [...this.#nodes.values()].flatMap(({ processes }) => processes.slice(-1));
    // One that is stopped hears nothing but this.
    await Promise.all(running.map((process) => process.stop('SIGKILL')));
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await rm(this.#folder, { recursive: true });
  }

  #node(id: NodeId): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new Error(`There is no node ${id}.`);
    return node;
  }

  #link(from: NodeId, to: NodeId): LinkProxy {
    const link = this.#links.get(`${from} ${to}`);
    if (link === undefined) throw new Error(`There is no link from ${from} to ${to}.`);
    return link;
  }

  #arguments(id: NodeId): string[] {
    const own = this.#node(id);
    const at = (port: number) => `127.0.0.1:${port}`;
    const list = (portOf: (peer: NodeId) => number) =>
      ids.map((peer) => `${peer}=${at(portOf(peer))}`).join();
    return [
      ...['serve', '--id', id, '--data', path.join(this.#folder, id), '--log', 'json'],
      ...['--listen', at(own.peerPort), '--redis', at(own.redisPort)],
      ...['--peers', list((peer) => (peer === id ? own.peerPort : this.#link(id, peer).port))],
      ...['--redis-peers', list((peer) => this.portOf(peer))],
    ];
  }

  #elections(): { readonly id: NodeId; readonly term: number }[] {
    const pattern = /"event":"roleChanged".*"role":"leader","term":(\d+)/g;
    return ids.flatMap((id) =>
      this.#node(id).processes.flatMap(({ stdout }) =>
        [...stdout.matchAll(pattern)].map(([, term]) => ({ id, term: Number(term) })),
      ),
    );
  }
}
