/** A client of a Redis server: one batch of commands under way at a time, from one buffer, on one connection. */
import { connect, type Socket } from 'node:net';
import {
  type Channel,
  type ChannelEvents,
  keyDigits,
  type Requests,
  valueBytesOf,
  writeKey,
} from './channel.ts';
import type { Target } from './job.ts';
import { ReplyCounter } from './replyCounter.ts';

const readBytes = 64 * 1024;

export class RedisChannel implements Channel {
  readonly #target: Target;
  readonly #depth: number;
  readonly #requests: Requests;
  readonly #events: ChannelEvents;
  readonly #commands: Buffer;
  /** Where the keys of the batch stand in it. */
  readonly #keyPlaces: number[] = [];
  #socket: Socket | undefined;
  #expected = 0;
  #sentAt = 0;

  constructor(target: Target, depth: number, requests: Requests, events: ChannelEvents) {
    this.#target = target;
    this.#depth = depth;
    this.#requests = requests;
    this.#events = events;
    const head = Buffer.from(
      `${requests.command === 'set' ? '*3\r\n$3\r\nSET' : '*2\r\n$3\r\nGET'}\r\n$${keyDigits}\r\n`,
    );
    const tail =
      requests.command === 'set'
        ? [
            Buffer.from(`\r\n$${requests.valueBytes}\r\n`),
            valueBytesOf(requests.valueBytes),
            Buffer.from('\r\n'),
          ]
        : [Buffer.from('\r\n')];
    const command = Buffer.concat([head, Buffer.alloc(keyDigits), ...tail]);
    this.#commands = Buffer.concat(Array.from({ length: depth }, () => command));
    for (let place = 0; place < depth; place += 1)
      this.#keyPlaces.push(place * command.byteLength + head.byteLength);
  }

  get free(): number {
    return this.#expected === 0 ? 1 : 0;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const counter = new ReplyCounter(
        () => this.#takeReply(),
        (message) => {
          this.#events.failed(message);
          this.#expected -= 1;
          if (this.#expected === 0) this.#events.freed(this);
        },
      );
      const socket = connect({
        ...this.#target,
        noDelay: true,
        onread: {
          buffer: Buffer.allocUnsafe(readBytes),
          callback: (length, chunk) => {
            counter.take(chunk, length);
            return true;
          },
        },
      });
      this.#socket = socket;
      socket.once('connect', () => resolve());
      socket.on('error', reject);
      socket.on('close', () => {
        // Closing it here takes it away first.
        if (this.#socket) this.#events.failed('The connection was closed.');
        this.#socket = undefined;
      });
    });
  }

  send(): void {
    for (const place of this.#keyPlaces) writeKey(this.#commands, place, this.#requests.nextKey());
    this.#expected = this.#depth;
    this.#sentAt = performance.now();
    // All replies have come, so that the system has long taken what this buffer held.
    this.#socket?.write(this.#commands);
  }

  flush(): void {}

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #takeReply(): void {
    this.#events.answered(this.#sentAt);
    this.#expected -= 1;
    if (this.#expected === 0) this.#events.freed(this);
  }
}
