/** The command `xstate-raft` as a process of its own, run from the sources, for tests that use it as a stranger would. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';

const root = path.resolve(import.meta.dirname, '..');

/** What Node is given to run the command from its sources, in any folder. */
export const commandPrefix = [
  '--conditions=xstate-raft-source',
  ...['--import', import.meta.resolve('tsx'), path.join(root, 'kv/bin.ts')],
];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a test waits for comes within this time, also on a slow machine. */
const usualDeadlineMs = 20_000;

export class RunningCommand {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #ended: Promise<Ended>;
  readonly #onOutput = new Set<() => void>();
  readonly #deadlineMs: number;

  /** @param program its name or path, and its arguments; `xstate-raft` is the command */
  constructor(program: readonly string[], cwd?: string, deadlineMs = usualDeadlineMs) {
    this.#deadlineMs = deadlineMs;
    const [name = '', ...args] = program;
    const isCommand = name === 'xstate-raft';
    this.#child = spawn(isCommand ? process.execPath : name, isCommand ? [...commandPrefix, ...args] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd !== undefined && { cwd }),
    });
    const listen = (stream: 'stdout' | 'stderr'): void => {
      this.#child[stream].setEncoding('utf8').on('data', (text: string) => {
        this[stream] += text;
        for (const look of this.#onOutput) look();
      });
    };
    listen('stdout');
    listen('stderr');
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Settles with the first match in what it has written to stdout. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    let look = (): void => {};
    const said = new Promise<RegExpExecArray>((resolve) => {
      look = () => {
        const match = pattern.exec(this.stdout);
        if (match) resolve(match);
      };
    });
    this.#onOutput.add(look);
    look();
    try {
      const early = this.#ended.then(() => this.#fail(`ended before it said ${pattern}`));
      return await this.#within(Promise.race([said, early]), `to say ${pattern}`);
    } finally {
      this.#onOutput.delete(look);
    }
  }

  /** Settles when it has ended and all that it wrote is read. */
  end(): Promise<Ended> {
    return this.#within(this.#ended, 'to end');
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it, if it still runs. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.kill(signal);
    return this.end();
  }

  async #within<T>(what: Promise<T>, expected: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(this.#describe(`took more than ${this.#deadlineMs} ms ${expected}`))),
        this.#deadlineMs,
      );
    });
    try {
      return await Promise.race([what, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(why: string): never {
    throw new Error(this.#describe(why));
  }

  #describe(why: string): string {
    return `${this.#child.spawnargs.join(' ')} ${why}. It wrote:\n${this.stdout}${this.stderr}`;
  }
}

/** Runs the command to its end. */
export function runCommand(args: readonly string[], cwd?: string): Promise<Ended> {
  return new RunningCommand(['xstate-raft', ...args], cwd).end();
}
