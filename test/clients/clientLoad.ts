/** Clients of several kinds, one of each at each node, that ask what their scripts say; and the history of it all. */
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import { type ClientKind, fateOf, type ScriptClient } from './clientKind.ts';
import { ClientScript } from './clientScript.ts';
import type { CommandHistory } from './commandModel.ts';
import type { ProcessCluster } from './processCluster.ts';
import { within } from './within.ts';

/** Before a client that failed is replaced. */
const reconnectMs = 100;
const connectMsMax = 2000;
/** What is in doubt stays open to the end, and the search for an order grows with it: other keys are used the sooner. */
const inDoubtWeight = 40;
/** A slow machine has its elections, too. */
const servedMsMax = 60_000;

export class ClientLoad {
  /** Operations that were answered, by kind of client. */
  readonly answered: Map<string, number>;
  /** Errors that the script does not cause. */
  readonly wrong: unknown[] = [];
  /** Operations that failed, by what became of them. */
  readonly failed = { none: 0, inDoubt: 0, wrong: 0 };
  readonly #history = new Set<CommandHistory[number]>();
  readonly #working: Promise<unknown>;
  #isOver = false;

  /** @param seed of the scripts */
  constructor(cluster: ProcessCluster, kinds: readonly ClientKind[], seed: number) {
    this.answered = new Map(kinds.map(({ name }) => [name, 0]));
    const clients = kinds.flatMap((kind) =>
      cluster.ids.map((id) => this.#use(kind, `${kind.name} ${id}`, cluster.portOf(id), seed)),
    );
    this.#working = Promise.all(clients);
  }

  /** Settles when each kind of client has been answered so many times more. */
  async served(times: number): Promise<void> {
    const goals = [...this.answered].map(([name, count]) => ({ name, goal: count + times }));
    await eventually(
      `each kind of client was answered ${times} times`,
      async () => goals.every(({ name, goal }) => (this.answered.get(name) ?? 0) >= goal) || undefined,
      servedMsMax,
    );
  }

  /** Settles when every client has its last answer, or has given it up. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#working;
  }

  /** What was asked, and answered; without what had no effect. */
  get history(): CommandHistory {
    return [...this.#history];
  }

  async #use(kind: ClientKind, name: string, port: number, seed: number): Promise<void> {
    const script = new ClientScript(name, seed, kind.hasTransactions);
    while (!this.#isOver) {
      const client = await this.#connect(kind, port);
      if (client !== undefined) {
        while (!this.#isOver && (await this.#ask(client, script, kind, name))) await delay(script.pauseMs());
        client.close();
      }
      await delay(reconnectMs);
    }
  }

  /** Undefined if the node cannot be reached in time. */
  async #connect(kind: ClientKind, port: number): Promise<ScriptClient | undefined> {
    const giveUp = new AbortController();
    try {
      return await within(connectMsMax, kind.connect(port, giveUp.signal));
    } catch {
      giveUp.abort();
      return undefined;
    }
  }

  /** False: the client is not to be used any more. */
  async #ask(client: ScriptClient, script: ClientScript, kind: ClientKind, name: string): Promise<boolean> {
    const sinceBegun = this.#history.size + inDoubtWeight * this.failed.inDoubt;
    const asked = { client: name, calledAt: performance.now(), input: script.next(sinceBegun) };
    this.#history.add(asked);
    try {
      const output = await within(script.patienceMs(), client.run(asked.input.commands));
      this.#history.delete(asked);
      this.#history.add({ ...asked, returnedAt: performance.now(), output });
      this.answered.set(kind.name, (this.answered.get(kind.name) ?? 0) + 1);
      return true;
    } catch (error) {
      const fate = fateOf(error);
      this.failed[fate] += 1;
      if (fate === 'none') this.#history.delete(asked);
      if (fate === 'wrong') this.wrong.push(error);
      return false;
    }
  }
}
