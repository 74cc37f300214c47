/** What leaves for one client, and how much of it the client has not taken. */
import type { Socket } from 'node:net';
import type { FrontFacts } from './command.ts';
import { RepliesTooLong } from './writer.ts';

const nothing = new Uint8Array(0);

export class Outbox {
  /** Bytes that the client has not taken. */
  unsentBytes = 0;
  readonly #socket: Socket;
  readonly #facts: FrontFacts;
  readonly #onTaken: () => void;
  #isOver = false;

  /** `onTaken` is called when the client has taken something. */
  constructor(socket: Socket, facts: FrontFacts, onTaken: () => void) {
    this.#socket = socket;
    this.#facts = facts;
    this.#onTaken = onTaken;
  }

  /** The next command has to wait until the client has read; `more`: bytes that are about to be sent, too. */
  isFull(more: number): boolean {
    const { limits, load } = this.#facts;
    const unsent = this.unsentBytes + more;
    if (unsent > limits.unsentBytesSoft) return true;
    return unsent > 0 && load.unsentBytes + more > limits.unsentBytesOfAllMax;
  }

  /** @throws RepliesTooLong */
  send(bytes: Uint8Array): void {
    const { limits, load, statistics } = this.#facts;
    const { byteLength } = bytes;
    if (this.unsentBytes + byteLength > limits.unsentBytesMax) {
      throw new RepliesTooLong(`More than ${limits.unsentBytesMax} bytes wait for the client.`);
    }
    statistics.bytesOut += byteLength;
    this.#socket.write(bytes);
    // Nearly always the kernel has taken it by now, and nobody need be called back.
    if (this.#socket.writableLength === 0) return;
    this.unsentBytes += byteLength;
    load.unsentBytes += byteLength;
    this.#socket.write(nothing, () => {
      if (this.#isOver) return;
      this.unsentBytes -= byteLength;
      load.unsentBytes -= byteLength;
      this.#onTaken();
    });
  }

  /** The socket is closed: what was not sent is gone. */
  close(): void {
    this.#isOver = true;
    this.#facts.load.unsentBytes -= this.unsentBytes;
    this.unsentBytes = 0;
  }
}
