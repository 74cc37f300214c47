/**
 * How long this process keeps its event loop from turning, told apart from how long the machine keeps the process from
 * running: on Linux the kernel counts the time that the main thread really ran, and what the host of a virtual machine
 * took of all its cores.
 */
import { openSync, readSync } from 'node:fs';
import { PerformanceObserver, performance } from 'node:perf_hooks';
import { stolenSeconds } from './measure/processTimes.ts';

const tickMs = 1;
/** Only of a turn as long as this one it is asked what the host took: the kernel counts that in steps of 10 ms. */
const longMs = 10;

/** The longest of each since the last look, ms. */
export interface LongestTurns {
  /** Of the clock on the wall: what else the machine does counts, too. */
  readonly wall: number;
  /**
   * Without the time for which the thread could have run and had no core, of the turns in which the host took nothing;
   * where the kernel does not tell it, that of the wall.
   */
  readonly own: number;
  /** On the processor, of the same turns; where the kernel does not tell it, that of the wall. */
  readonly cpu: number;
  /** How many turns of 10 ms and more are in `wall` alone, because the host took from a core meanwhile. */
  readonly disturbed: number;
  /** Of these, of the garbage collector. */
  readonly gc: number;
}

export class TurnClock {
  readonly #threadTime = openThreadTime();
  #wall = 0;
  #own = 0;
  #cpu = 0;
  #gc = 0;
  #disturbed = 0;
  #stolen = stolenSeconds();
  #stolenReadAt = 0;
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
    const longest = {
      wall: this.#wall,
      own: this.#own,
      cpu: this.#cpu,
      gc: this.#gc,
      disturbed: this.#disturbed,
    };
    this.#wall = 0;
    this.#own = 0;
    this.#cpu = 0;
    this.#gc = 0;
    this.#disturbed = 0;
    return longest;
  }

  #tick(): void {
    const wall = performance.now();
    const time = this.#threadTime();
    const turn = wall - this.#lastWall;
    this.#wall = Math.max(this.#wall, turn);
    if (this.#hostTook(turn, wall)) {
      this.#disturbed += 1;
    } else {
      this.#own = Math.max(this.#own, turn - (time.waitedMs - this.#last.waitedMs));
      this.#cpu = Math.max(this.#cpu, time.ranMs - this.#last.ranMs);
    }
    this.#lastWall = wall;
    this.#last = time;
  }

  /** Whether a long turn was disturbed; it was read at most a step of the kernel's count before the turn began. */
  #hostTook(turn: number, wall: number): boolean {
    if (wall - this.#stolenReadAt < longMs) return false;
    const stolen = stolenSeconds();
    const took = stolen > this.#stolen;
    this.#stolen = stolen;
    this.#stolenReadAt = wall;
    return took && turn >= longMs;
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
