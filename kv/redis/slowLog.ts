/** The last commands that took long, from their turn to their reply: for SLOWLOG. */
import type { Client } from './client.ts';
import { slowLogArgumentBytesMax, slowLogArgumentsMax, slowLogLength } from './limits.ts';
import type { WireReply } from './writer.ts';

interface SlowCommand {
  readonly id: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly microseconds: number;
  /** The name first; shortened. */
  readonly words: readonly (string | Uint8Array)[];
  readonly clientAddress: string;
  readonly clientName: string;
}

export class SlowLog {
  /** The last one comes last. */
  readonly #commands: SlowCommand[] = [];
  #ids = 0;

  get length(): number {
    return this.#commands.length;
  }

  /** @param now ms since the epoch */
  add(name: string, args: readonly Uint8Array[], microseconds: number, client: Client, now: number): void {
    const { address, name: clientName } = client;
    this.#commands.push({
      ...{ id: this.#ids, at: Math.floor(now / 1000), microseconds: Math.round(microseconds) },
      ...{ words: shortened(name, args), clientAddress: address, clientName },
    });
    this.#ids += 1;
    if (this.#commands.length > slowLogLength) this.#commands.shift();
  }

  clear(): void {
    this.#commands.length = 0;
  }

  /** The last `count`, the last one first. */
  last(count: number): WireReply {
    return this.#commands
      .slice(Math.max(0, this.#commands.length - count))
      .reverse()
      .map(({ id, at, microseconds, words, clientAddress, clientName }) => [
        ...[id, at, microseconds, words, clientAddress, clientName],
      ]);
  }
}

/** As Redis shortens: the first words, and of each the first bytes. What is kept is copied. */
function shortened(name: string, args: readonly Uint8Array[]): (string | Uint8Array)[] {
  const isLong = args.length >= slowLogArgumentsMax;
  const kept = isLong ? args.slice(0, slowLogArgumentsMax - 2) : args;
  const words = kept.map((arg) => {
    const more = arg.byteLength - slowLogArgumentBytesMax;
    if (more <= 0) return arg.slice();
    return Buffer.concat([arg.subarray(0, slowLogArgumentBytesMax), Buffer.from(`... (${more} more bytes)`)]);
  });
  const left = args.length - kept.length;
  return [name, ...words, ...(left > 0 ? [`... (${left} more arguments)`] : [])];
}
