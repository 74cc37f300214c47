/** What a front has done since it began, for INFO. */
import { type Operation, OperationCode, type Reply } from '../operation.ts';
import { CommandFigures } from './commandFigures.ts';
import { SlowLog } from './slowLog.ts';

export class FrontStatistics {
  readonly ofCommands = new CommandFigures();
  readonly slowLog = new SlowLog();
  connections = 0;
  turnedAway = 0;
  cutOff = 0;
  commands = 0;
  errors = 0;
  bytesIn = 0;
  bytesOut = 0;
  keyHits = 0;
  keyMisses = 0;
  /** Over the last second. */
  commandsPerSecond = 0;
  kibibytesInPerSecond = 0;
  kibibytesOutPerSecond = 0;
  /** Most bytes of memory used at a sample. */
  memoryPeak = 0;
  /** When the snapshot was last seen to be another one, ms since the epoch; at first, when the node began. */
  lastSaveAt: number;
  #snapshotIndex: number;
  #atSample = { commands: 0, bytesIn: 0, bytesOut: 0 };

  constructor(startedAt: number, snapshotIndex: number) {
    this.lastSaveAt = startedAt;
    this.#snapshotIndex = snapshotIndex;
  }

  /** Called once a second. */
  sample(now: number, snapshotIndex: number): void {
    const { commands, bytesIn, bytesOut } = this;
    const before = this.#atSample;
    this.commandsPerSecond = commands - before.commands;
    this.kibibytesInPerSecond = (bytesIn - before.bytesIn) / 1024;
    this.kibibytesOutPerSecond = (bytesOut - before.bytesOut) / 1024;
    this.#atSample = { commands, bytesIn, bytesOut };
    const { heapUsed, external } = process.memoryUsage();
    this.memoryPeak = Math.max(this.memoryPeak, heapUsed + external);
    if (snapshotIndex === this.#snapshotIndex) return;
    this.#snapshotIndex = snapshotIndex;
    this.lastSaveAt = now;
  }

  /** Begins anew what CONFIG RESETSTAT is for. */
  reset(): void {
    this.connections = 0;
    this.turnedAway = 0;
    this.cutOff = 0;
    this.commands = 0;
    this.errors = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.keyHits = 0;
    this.keyMisses = 0;
    this.#atSample = { commands: 0, bytesIn: 0, bytesOut: 0 };
    this.ofCommands.clear();
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
