/** Gathers the frames that become due in one turn of the event loop and lets them leave in one write. */
import type { Socket } from 'node:net';
import { atTurnEnd } from '../turnEnd.ts';
import { type FrameKind, frameHeaderBytes, type Payload, writeFrameHeader } from './frame.ts';
import { copiedBytesMax, slabBytes, socketBytesAhead } from './transportLimits.ts';

const noSlab = Buffer.alloc(0);

export class FrameWriter {
  readonly #socket: Socket;
  readonly #group: number;
  /** Frames wait here until the other end has introduced itself. */
  #held = true;
  #flushIsDue = false;
  /** Pieces that are still to be given to the socket, in order; what grows in the slab follows them. */
  #pieces: Uint8Array[] = [];
  #nextPiece = 0;
  #slab: Buffer = noSlab;
  #slabFrom = 0;
  #slabTo = 0;
  /** Bytes given to this writer so far, and those of them that were given to the socket. */
  #takenBytes = 0;
  #passedBytes = 0;

  constructor(socket: Socket, group: number) {
    this.#socket = socket;
    this.#group = group;
  }

  /** Bytes that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#takenBytes - this.#passedBytes + this.#socket.writableLength;
  }

  /** Bytes that the kernel has taken so far. */
  get leftBytes(): number {
    return this.#passedBytes - this.#socket.writableLength;
  }

  /** Large parts of the payload are not copied: they must not change any more. */
  append(kind: FrameKind, callId: number, payload: Payload, frameBytes: number): void {
    if (this.#slab.byteLength - this.#slabTo < frameHeaderBytes) this.#takeNewSlab();
    writeFrameHeader(this.#slab, this.#slabTo, frameBytes, kind, this.#group, callId);
    this.#slabTo += frameHeaderBytes;
    if (payload instanceof Uint8Array) this.#appendPart(payload);
    else for (const part of payload) this.#appendPart(part);
    this.#takenBytes += frameBytes;
    this.#scheduleFlush();
  }

  /** From now on frames leave at the end of the turn. */
  release(): void {
    this.#held = false;
    this.#scheduleFlush();
  }

  /** The socket has room again. */
  feed(): void {
    const socket = this.#socket;
    while (this.#nextPiece < this.#pieces.length && socket.writableLength < socketBytesAhead) {
      socket.cork();
      while (socket.writableLength < socketBytesAhead) {
        const piece = this.#pieces[this.#nextPiece];
        if (piece === undefined) break;
        this.#nextPiece += 1;
        this.#passedBytes += piece.byteLength;
        socket.write(piece);
      }
      socket.uncork();
    }
    if (this.#nextPiece < this.#pieces.length) return;
    this.#pieces = [];
    this.#nextPiece = 0;
  }

  /** Forgets what has not left. */
  discard(): void {
    this.#held = true;
    this.#pieces = [];
    this.#nextPiece = 0;
    this.#slab = noSlab;
    this.#slabFrom = 0;
    this.#slabTo = 0;
    this.#takenBytes = this.#passedBytes;
  }

  #appendPart(part: Uint8Array): void {
    const bytes = part.byteLength;
    if (bytes > copiedBytesMax) {
      this.#cutPiece();
      for (let from = 0; from < bytes; from += socketBytesAhead) {
        this.#pieces.push(part.subarray(from, from + socketBytesAhead));
      }
      return;
    }
    if (this.#slab.byteLength - this.#slabTo < bytes) this.#takeNewSlab();
    this.#slab.set(part, this.#slabTo);
    this.#slabTo += bytes;
  }

  #takeNewSlab(): void {
    this.#cutPiece();
    this.#slab = Buffer.allocUnsafeSlow(slabBytes);
    this.#slabFrom = 0;
    this.#slabTo = 0;
  }

  #cutPiece(): void {
    if (this.#slabTo === this.#slabFrom) return;
    this.#pieces.push(this.#slab.subarray(this.#slabFrom, this.#slabTo));
    this.#slabFrom = this.#slabTo;
  }

  #scheduleFlush(): void {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    // Behind all sockets that this turn finds readable: one write for what they caused together. A microtask would make
    // it a write for each; measured, it answers a lone message no sooner.
    atTurnEnd(this.#flush);
  }

  readonly #flush = (): void => {
    this.#flushIsDue = false;
    if (this.#held) return;
    this.#cutPiece();
    this.feed();
  };
}
