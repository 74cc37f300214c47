/** How often each command was carried out, and how long that took: for INFO commandstats. */
import { KvError, type Reply } from '../operation.ts';
import type { WireReply } from './writer.ts';

interface Figures {
  calls: number;
  /** From each call's turn to its reply, with the wait for a majority, all calls together. */
  microseconds: number;
  /** Not carried out: the number or the form of the arguments was wrong, or it was said at the wrong place. */
  rejected: number;
  /** Answered with an error. */
  failed: number;
}

export class CommandFigures {
  readonly #figures = new Map<string, Figures>();

  noteCall(name: string, microseconds: number, reply: WireReply | Reply): void {
    const figures = this.#of(name);
    figures.calls += 1;
    figures.microseconds += microseconds;
    if (reply instanceof KvError) figures.failed += 1;
  }

  noteRejected(name: string): void {
    this.#of(name).rejected += 1;
  }

  clear(): void {
    this.#figures.clear();
  }

  /** Of all commands together: how many were carried out, and how long they took. */
  total(): { calls: number; microseconds: number } {
    const sum = { calls: 0, microseconds: 0 };
    for (const { calls, microseconds } of this.#figures.values()) {
      sum.calls += calls;
      sum.microseconds += microseconds;
    }
    return sum;
  }

  /** As lines of INFO. */
  fields(): [name: string, value: string][] {
    return [...this.#figures].map(([name, { calls, microseconds, rejected, failed }]) => {
      const each = calls === 0 ? 0 : microseconds / calls;
      const times = `usec=${Math.round(microseconds)},usec_per_call=${each.toFixed(2)}`;
      return [`cmdstat_${name}`, `calls=${calls},${times},rejected_calls=${rejected},failed_calls=${failed}`];
    });
  }

  #of(name: string): Figures {
    let figures = this.#figures.get(name);
    if (figures === undefined) {
      figures = { calls: 0, microseconds: 0, rejected: 0, failed: 0 };
      this.#figures.set(name, figures);
    }
    return figures;
  }
}
