/** One TCP connection as frames: common to the end that dialled and the end that accepted. */
import type { Socket } from 'node:net';
import { type Frame, type FrameKind, MalformedFrame, type Payload } from './frame.ts';
import { FrameParser } from './frameParser.ts';
import { FrameWriter } from './frameWriter.ts';
import { helloBytesMax } from './transportLimits.ts';

/** What one end does with its connection. */
export interface ConnectionOwner {
  /**
   * The frame's fields hold until this returns; its payload may be kept.
   * @throws MalformedFrame - to have the connection closed
   */
  onFrame(frame: Frame): void;
  /** What was queued has left. */
  onDrained(): void;
  /** Once; after it the owner hears nothing more. The cause is missing if an end closed the connection in good order. */
  onClosed(cause: Error | undefined): void;
}

export class Connection {
  /** The socket is gone, and with it everything that kept the process alive. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  /** Nobody has introduced himself yet: a hello is all that is taken. */
  readonly #parser = new FrameParser(helloBytesMax);
  readonly #writer: FrameWriter;
  readonly #queuedBytesMax: number;
  #closed = false;

  constructor(socket: Socket, owner: ConnectionOwner, group: number, queuedBytesMax: number) {
    this.#socket = socket;
    this.#owner = owner;
    this.#writer = new FrameWriter(socket, group);
    this.#queuedBytesMax = queuedBytesMax;
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('error', (error) => this.close(error));
    socket.on('end', () => this.close());
    socket.on('close', () => this.close());
  }

  /** Bytes on their way out that the kernel has not taken yet. */
  get queuedBytes(): number {
    return this.#writer.queuedBytes;
  }

  /** Bytes that the kernel has taken so far. */
  get leftBytes(): number {
    return this.#writer.leftBytes;
  }

  /** Sends a hello, ahead of all frames that were given to `send`. */
  greet(hello: Uint8Array): void {
    this.#socket.write(hello);
  }

  /** The other end is who it should be: frames up to `frameBytesMax` come and go from now on. */
  open(frameBytesMax: number): void {
    this.#parser.frameBytesMax = frameBytesMax;
    this.#writer.release();
  }

  /** False if the queue would hold more than it may; an empty queue takes any frame. */
  hasRoomFor(frameBytes: number): boolean {
    const queued = this.#writer.queuedBytes;
    return queued === 0 || queued + frameBytes <= this.#queuedBytesMax;
  }

  send(kind: FrameKind, callId: number, payload: Payload, frameBytes: number): void {
    if (!this.#closed) this.#writer.append(kind, callId, payload, frameBytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  close(cause?: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.discard();
    this.#socket.destroy();
    this.#owner.onClosed(cause);
  }

  /** Sends a last hello that tells the other end why, then closes. */
  refuse(hello: Uint8Array): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.discard();
    this.#socket.write(hello);
    this.#socket.destroySoon();
    this.#owner.onClosed(undefined);
  }

  readonly #onDrain = (): void => {
    if (this.#closed) return;
    this.#writer.feed();
    if (this.#writer.queuedBytes === 0) this.#owner.onDrained();
  };

  readonly #onData = (read: Buffer): void => {
    if (this.#closed) return;
    try {
      this.#parser.push(read);
      while (!this.#closed && this.#parser.next()) this.#owner.onFrame(this.#parser);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      this.close(error);
    }
  };
}
