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
  /** Without the time for which the thread could have run and had no core; where the kernel does not tell it, that of the wall. */
  readonly own: number;
  /** On the processor; where the kernel does not tell it, that of the wall. */
  readonly cpu: number;
  /** Of these, of the garbage collector. */
  readonly gc: number;
}

export class TurnClock {
  readonly #threadTime = openThreadTime();
  #wall = 0;
  #own = 0;
  #cpu = 0;
  #gc = 0;
  #lastWall = performance.now();
  #last = this.#threadTime();

  constructor() {
    setInterval(() => this.#tick(), tickMs).unref();
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) this.#gc = Math.max(this.#gc, duration);
    }).observe({ entryTypes: ['gc'] });
  }

  take(): LongestTurns {
    this.#tick();
    const longest = { wall: this.#wall, own: this.#own, cpu: this.#cpu, gc: this.#gc };
    this.#wall = 0;
    this.#own = 0;
    this.#cpu = 0;
    this.#gc = 0;
    return longest;
  }

  #tick(): void {
    const wall = performance.now();
    const time = this.#threadTime();
    const turn = wall - this.#lastWall;
    this.#wall = Math.max(this.#wall, turn);
    this.#own = Math.max(this.#own, turn - (time.waitedMs - this.#last.waitedMs));
    this.#cpu = Math.max(this.#cpu, time.ranMs - this.#last.ranMs);
    this.#lastWall = wall;
    this.#last = time;
  }
}

interface ThreadTime {
  readonly ranMs: number;
  /** For a core. */
  readonly waitedMs: number;
}

/** What the main thread has run and waited so far. */
function openThreadTime(): () => ThreadTime {
  try {
    // Its first numbers: nanoseconds on the processor, and waiting for one. A process' own file tells of its main thread.
    const file = openSync('/proc/self/schedstat', 'r');
    const text = Buffer.alloc(64);
    return () => {
      const read = readSync(file, text, 0, text.byteLength, 0);
      const [ran = 0, waited = 0] = text.toString('latin1', 0, read).split(' ').map(Number);
      return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
    };
  } catch {
    return () => ({ ranMs: performance.now(), waitedMs: 0 });
  }
}
