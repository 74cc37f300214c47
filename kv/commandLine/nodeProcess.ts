/** A node as a process of its own, started by this one and ended with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { NodeAnswer, NodeOrder } from './nodeOrders.ts';
import type { NodeReport } from './nodeReport.ts';

/** A node that has not stopped after this time is ended: it would have given up by itself a second ago. */
const stopMsMax = 5000;

export interface NodeProcessOptions {
  /** The arguments of this program that make it the node. */
  readonly args: readonly string[];
  readonly onReport: (report: NodeReport) => void;
  /** What it answers to orders. */
  readonly onAnswer: (answer: NodeAnswer) => void;
  /** A line that it wrote to its stderr. */
  readonly onComplaint: (line: string) => void;
  /** It has ended; what it wrote before has been passed on. */
  readonly onEnd: (code: number | null, signal: NodeJS.Signals | null) => void;
}

export class NodeProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor({ args, onReport, onAnswer, onComplaint, onEnd }: NodeProcessOptions) {
    // This very program, run as it was run itself: from dist, or from the sources. In a group of its own, so that a
    // terminal's Ctrl-C reaches it through its parent, in good order.
    this.#child = fork(process.argv[1] ?? '', args, {
      detached: true,
      env: environmentOfNodes(),
      execArgv: process.execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('message', (given) => {
      const message = given as NodeReport | NodeAnswer; // its parentReporter's, or takeOrders'
      if (isAnswer(message)) onAnswer(message);
      else onReport(message);
    });
    const { stderr } = this.#child;
    if (stderr) createInterface({ input: stderr }).on('line', onComplaint);
    // That it could not be started or told something; the end that follows is the same as of any other.
    this.#child.on('error', (error) => onComplaint(error.message));
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        onEnd(code, signal);
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks something of it, unless it is gone. */
  order(order: NodeOrder): void {
    if (this.#child.connected) this.#child.send(order, () => {});
  }

  /** Its process stands still, until it is resumed. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it cleanly, or at once if that takes too long. Settles when it is gone, with whether it was clean. */
  async stop(): Promise<boolean> {
    let isClean = true;
    this.#child.kill('SIGTERM');
    // One that stands still hears nothing until it goes on.
    this.resume();
    const timer = setTimeout(() => {
      isClean = false;
      this.kill();
    }, stopMsMax);
    await this.#ended;
    clearTimeout(timer);
    return isClean;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

function isAnswer(message: NodeReport | NodeAnswer): message is NodeAnswer {
  return message.type === 'sight' || message.type === 'news' || message.type === 'transferred';
}

/** All settings of a node are in its arguments: what the environment says is for the process that starts it. */
function environmentOfNodes(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('XSTATE_RAFT_')));
}
