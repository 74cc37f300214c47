/**
 * How long this process keeps its event loop from turning, told apart from how long the machine keeps the process from
 * running: on Linux the kernel counts the time that the main thread really ran.
 */
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver, performance } from 'node:perf_hooks';

const tickMs = 1;

/** The longest of each since the last look, ms. */
export interface LongestTurns {
  /** Of the clock on the wall: what else the machine does counts, too. */
  readonly wall: number;
  /** On the processor; where the kernel does not tell it, that of the wall. */
  readonly cpu: number;
  /** Of these, of the garbage collector. */
  readonly gc: number;
}

export class TurnClock {
  readonly #threadTime = openThreadTime();
  #wall = 0;
  #cpu = 0;
  #gc = 0;
  #lastWall = performance.now();
  #lastCpu = this.#threadTime();

  constructor() {
    setInterval(() => this.#tick(), tickMs).unref();
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gc = Math.max(this.#gc, duration);
    }).observe({ entryTypes: ['gc'] });
  }

  take(): LongestTurns {
    this.#tick();
    const { wall, cpu, gc } = { wall: this.#wall, cpu: this.#cpu, gc: this.#gc };
    this.#wall = 0;
    this.#cpu = 0;
    this.#gc = 0;
    return { wall, cpu, gc };
  }

  #tick(): void {
    const wall = performance.now();
    const cpu = this.#threadTime();
    this.#wall = Math.max(this.#wall, wall - this.#lastWall);
    this.#cpu = Math.max(this.#cpu, cpu - this.#lastCpu);
    this.#lastWall = wall;
    this.#lastCpu = cpu;
  }
}

/** ms that the main thread has run so far. */
function openThreadTime(): () => number {
  try {
    // Its first number: nanoseconds on the processor. A process' own file tells of its main thread.
    const file = openSync('/proc/self/schedstat', 'r');
    const text = Buffer.alloc(64);
    return () =>
      Number.parseInt(text.toString('latin1', 0, readSync(file, text, 0, text.byteLength, 0)), 10) / 1e6;
  } catch {
    return () => performance.now();
  }
}
