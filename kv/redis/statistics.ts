/** What a front has done since it began, for INFO. */
import { type Operation, OperationCode, type Reply } from '../operation.ts';

export class FrontStatistics {
  connections = 0;
  turnedAway = 0;
  cutOff = 0;
  commands = 0;
  errors = 0;
  bytesIn = 0;
  bytesOut = 0;
  reads = 0;
  writes = 0;
  keyHits = 0;
  keyMisses = 0;
  /** Commands a second, over the last second. */
  commandsPerSecond = 0;
  #commandsAtSample = 0;

  /** Called once a second. */
  sample(): void {
    this.commandsPerSecond = this.commands - this.#commandsAtSample;
    this.#commandsAtSample = this.commands;
  }

  /** Counts the keys that GET and MGET found, and those that they did not. */
  noteKeys({ code }: Operation, reply: Reply): void {
    if (code === OperationCode.get) this.#noteValue(reply);
    else if (code === OperationCode.mget && Array.isArray(reply))
      for (const value of reply) this.#noteValue(value);
  }

  #noteValue(value: Reply): void {
    if (value === null) this.keyMisses += 1;
    else if (value instanceof Uint8Array) this.keyHits += 1;
  }
}
