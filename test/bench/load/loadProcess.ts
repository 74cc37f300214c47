/** A load generator in a process of its own, from the side of the one that started it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { FromLoad, LoadJob, LoadResult, ProbeJob, Silence, ToLoad } from './job.ts';

/** Beyond the time that a load is given: connections, draining. */
const patienceMs = 60_000;

export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor() {
    this.#child = fork(path.join(import.meta.dirname, 'main.ts'), {
      execArgv: ['--conditions=xstate-raft-source', '--import', import.meta.resolve('tsx')],
    });
    this.#ended = once(this.#child, 'exit');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error if it cannot reach its targets, or does not answer */
  async load(job: LoadJob): Promise<LoadResult> {
    const answer = await this.#ask({ type: 'load', job }, 'loaded', job.warmUpMs + job.measureMs);
    return answer.result;
  }

  async probe(job: ProbeJob): Promise<void> {
    await this.#ask({ type: 'probe', job }, 'probing');
  }

  watchSilence(): void {
    this.#send({ type: 'watchSilence' });
  }

  async silence(): Promise<Silence> {
    return (await this.#ask({ type: 'askSilence' }, 'silence')).silence;
  }

  async endProbe(): Promise<void> {
    await this.#ask({ type: 'finish' }, 'probed');
  }

  /** Ends the load that is under way, which then answers. */
  finish(): void {
    this.#send({ type: 'finish' });
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #send(message: ToLoad): void {
    // It may have ended; whoever waits for its answer hears of that.
    this.#child.send(message, () => {});
  }

  #ask<T extends FromLoad['type']>(
    message: ToLoad,
    expected: T,
    ms = 0,
  ): Promise<Extract<FromLoad, { type: T }>> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        clearTimeout(timer);
        this.#child.off('message', onMessage);
        this.#child.off('exit', onExit);
        then();
      };
      const onMessage = (answer: FromLoad): void => {
        if (answer.type === 'failed') settle(() => reject(new Error(answer.message)));
        // The type is what was compared.
        else if (answer.type === expected) settle(() => resolve(answer as Extract<FromLoad, { type: T }>));
      };
      const onExit = (): void => settle(() => reject(new Error('The load generator has ended.')));
      const timer = setTimeout(
        () => settle(() => reject(new Error(`The load generator gave no answer for ${ms + patienceMs} ms.`))),
        ms + patienceMs,
      );
      this.#child.on('message', onMessage);
      this.#child.on('exit', onExit);
      this.#send(message);
    });
  }
}
