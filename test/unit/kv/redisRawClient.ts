/** A client that sends and sees bare bytes, for the tests of the Redis front. */
import { connect, type Socket } from 'node:net';

/** A command as a RESP array, which is what real clients send. */
export function encodeCommand(...words: (string | Uint8Array)[]): Buffer {
  const parts: (string | Uint8Array)[] = [`*${words.length}\r\n`];
  for (const word of words) parts.push(`$${Buffer.byteLength(word)}\r\n`, word, '\r\n');
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

export class RawClient {
  readonly socket: Socket;
  /** All that came in so far; one character for each byte. */
  received = '';
  /** Settles with all that came in, once the server has ended the connection. */
  readonly ended: Promise<string>;
  #onData = (): void => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.#onData();
    });
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      socket.on('close', () => resolve(this.received));
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    const client = new RawClient(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    return client;
  }

  send(...parts: (string | Uint8Array)[]): void {
    this.socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
  }

  /** Settles once all that came in ends with `text`. */
  receivedUpTo(text: string): Promise<string> {
    return this.receivedWhen((received) => received.endsWith(text));
  }

  /** Settles once all that came in is enough. */
  async receivedWhen(isEnough: (received: string) => boolean): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const onClose = () => reject(new Error(`Closed after ${JSON.stringify(this.received)}`));
      this.#onData = () => {
        if (!isEnough(this.received)) return;
        this.socket.off('close', onClose);
        resolve();
      };
      this.socket.once('close', onClose);
      this.#onData();
    });
    return this.received;
  }

  /** Sends one command and settles with what comes back up to `text`. */
  async ask(text: string, ...words: (string | Uint8Array)[]): Promise<string> {
    this.received = '';
    this.send(encodeCommand(...words));
    return this.receivedUpTo(text);
  }

  close(): void {
    this.socket.destroy();
  }
}
