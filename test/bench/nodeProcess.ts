/** A node that is measured, seen from the process that started it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measurement, NodeSettings, Order } from './measuredNode.ts';

const script = fileURLToPath(new URL('./measuredNode.ts', import.meta.url));

export class NodeProcess {
  readonly #child: ChildProcess;
  /** Fails when the process ends by itself. */
  readonly #ended: Promise<never>;

  constructor(settings: NodeSettings) {
    this.#child = fork(script, {
      execArgv: ['--expose-gc', '--conditions=xstate-raft-source', '--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`The node ended with code ${code}.`);
    });
    // Thrown by whoever asks next.
    this.#ended.catch(() => {});
    this.#send({ type: 'start', settings });
  }

  /** Undefined while it starts. `collect`: what nobody refers to any more is not counted. */
  async measure(collect = false): Promise<Measurement | undefined> {
    this.#send({ type: 'measure', collect });
    const [message] = await Promise.race([once(this.#child, 'message'), this.#ended]);
    return (message as { measurement?: Measurement }).measurement; // what measuredNode.ts sends
  }

  /** As by a crash. */
  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #send(order: Order): void {
    this.#child.send(order);
  }
}
