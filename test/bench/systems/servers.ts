/** Server processes on a temporary folder, one for each node: what all systems have in common. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freeBase } from '../../freePorts.ts';
import { RunningCommand } from '../../runningCommand.ts';
import type { Target } from '../load/job.ts';

/** A node with much data takes long to start on a machine that does other things. */
const deadlineMs = 120_000;
const host = '127.0.0.1';

/** Those that have not been stopped. A bench that fails in a way that nobody thought of leaves nothing behind, too. */
const running = new Set<Servers>();
process.on('exit', () => {
  for (const servers of running) servers.abandon();
});

export class Servers {
  readonly targets: readonly Target[];
  /** Where the nodes of a cluster listen for each other. */
  readonly peers: readonly Target[];
  readonly folder: string;
  readonly #commandOf: (place: number, servers: Servers) => readonly string[];
  readonly #processes: (RunningCommand | undefined)[];

  /** @param commandOf the program and the arguments of the node at a place */
  static async prepare(
    nodes: number,
    commandOf: (place: number, servers: Servers) => readonly string[],
  ): Promise<Servers> {
    const folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-bench-'));
    return new Servers(nodes, await freeBase(nodes), folder, commandOf);
  }

  private constructor(
    nodes: number,
    port: number,
    folder: string,
    commandOf: (place: number, servers: Servers) => readonly string[],
  ) {
    running.add(this);
    this.folder = folder;
    this.#commandOf = commandOf;
    this.#processes = Array.from({ length: nodes });
    this.targets = this.#processes.map((_, place) => ({ host, port: port + place }));
    this.peers = this.#processes.map((_, place) => ({ host, port: port + 100 + place }));
  }

  get pids(): readonly number[] {
    return this.#processes.map((process) => process?.pid ?? 0);
  }

  at(place: number): RunningCommand {
    const process = this.#processes[place];
    if (!process) throw new RangeError(`Node ${place + 1} does not run.`);
    return process;
  }

  startAll(): void {
    for (const place of this.#processes.keys()) this.start(place);
  }

  start(place: number): void {
    this.#processes[place] = new RunningCommand(this.#commandOf(place, this), undefined, deadlineMs);
  }

  async end(place: number, signal: NodeJS.Signals): Promise<void> {
    const process = this.#processes[place];
    this.#processes[place] = undefined;
    await process?.stop(signal);
  }

  async stop(): Promise<void> {
    // Their data goes with them: nothing is lost by ending them at once.
    await Promise.all(this.#processes.map((_, place) => this.end(place, 'SIGKILL')));
    await rm(this.folder, { recursive: true, force: true });
    running.delete(this);
  }

  /** The same in one turn of the event loop, for a process that ends. */
  abandon(): void {
    for (const process of this.#processes) process?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
