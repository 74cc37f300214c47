/**
 * Clients of etcd that share a connection: gRPC over as much of HTTP/2 (RFC 9113) as a unary call needs, so that the
 * load generator costs a rival no more than its own protocol does.
 */
import { connect, type Socket } from 'node:net';
import {
  type Channel,
  type ChannelEvents,
  keyDigits,
  type Requests,
  valueBytesOf,
  writeKey,
} from './channel.ts';
import {
  connectionPreface,
  FrameReader,
  FrameType,
  frame,
  headerBlocks,
  StreamFlag,
  windowBytesMax,
} from './http2.ts';
import type { Target } from './job.ts';

/** Windows are opened again when half of them is used. */
const windowRenewal = 2 ** 30;

const keyField = 0x0a;
const valueField = 0x12;

export class EtcdChannel implements Channel {
  readonly #target: Target;
  readonly #slots: number;
  readonly #requests: Requests;
  readonly #events: ChannelEvents;
  readonly #request: Buffer;
  readonly #firstHeaders: Buffer;
  readonly #nextHeaders: Buffer;
  /** When each request under way was sent, by its stream. */
  readonly #sentAt = new Map<number, number>();
  /** Streams that have got a message: only a call that succeeded has one. */
  readonly #replied = new Set<number>();
  #socket: Socket | undefined;
  #stream = 1;
  #out: Buffer[] = [];
  /** Requests that wait until the server gives more of its window. */
  #waiting: { readonly stream: number; readonly data: Buffer }[] = [];
  #window = 65_535;
  #received = 0;

  constructor(target: Target, slots: number, requests: Requests, events: ChannelEvents) {
    this.#target = target;
    this.#slots = slots;
    this.#requests = requests;
    this.#events = events;
    this.#request = requestOf(requests);
    const path = requests.command === 'set' ? '/etcdserverpb.KV/Put' : '/etcdserverpb.KV/Range';
    const { first, next } = headerBlocks(path, `${target.host}:${target.port}`);
    this.#firstHeaders = first;
    this.#nextHeaders = next;
  }

  get free(): number {
    return this.#slots - this.#sentAt.size;
  }

  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...this.#target, noDelay: true });
      this.#socket = socket;
      const reader = new FrameReader((type, flags, stream, payload) =>
        this.#take(type, flags, stream, payload),
      );
      socket.once('connect', () => {
        socket.write(connectionPreface);
        resolve();
      });
      socket.on('data', (chunk) => {
        this.#received += chunk.byteLength;
        if (this.#received > windowRenewal) this.#renewWindow();
        reader.take(chunk);
        this.flush();
      });
      socket.on('error', reject);
      socket.on('close', () => {
        if (this.#socket) this.#events.failed('The connection was closed.');
        this.#socket = undefined;
      });
    });
  }

  send(): void {
    const stream = this.#stream;
    this.#stream += 2;
    const data = Buffer.from(this.#request);
    writeKey(data, keyPlace, this.#requests.nextKey());
    this.#sentAt.set(stream, performance.now());
    const headers = stream === 1 ? this.#firstHeaders : this.#nextHeaders;
    this.#out.push(frame(FrameType.headers, StreamFlag.endHeaders, stream, headers));
    this.#waiting.push({ stream, data });
    this.#sendWaiting();
  }

  flush(): void {
    if (this.#out.length === 0) return;
    this.#socket?.write(this.#out.length === 1 && this.#out[0] ? this.#out[0] : Buffer.concat(this.#out));
    this.#out = [];
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #sendWaiting(): void {
    for (let next = this.#waiting[0]; next && next.data.byteLength <= this.#window; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#window -= next.data.byteLength;
      this.#out.push(frame(FrameType.data, StreamFlag.endStream, next.stream, next.data));
    }
  }

  #take(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case FrameType.data:
        this.#replied.add(stream);
        return;
      case FrameType.headers:
        if ((flags & StreamFlag.endStream) !== 0) this.#finish(stream, 'etcd answered with an error.');
        return;
      case FrameType.resetStream:
        this.#finish(stream, 'etcd gave a call up.');
        return;
      case FrameType.settings:
        if ((flags & StreamFlag.ack) === 0)
          this.#out.push(frame(FrameType.settings, StreamFlag.ack, 0, Buffer.alloc(0)));
        return;
      case FrameType.ping:
        if ((flags & StreamFlag.ack) === 0) this.#out.push(frame(FrameType.ping, StreamFlag.ack, 0, payload));
        return;
      case FrameType.windowUpdate:
        if (stream !== 0) return;
        this.#window += payload.readUInt32BE() & windowBytesMax;
        this.#sendWaiting();
        return;
      case FrameType.goAway:
        this.#events.failed('etcd ends the connection.');
        return;
    }
  }

  #finish(stream: number, failure: string): void {
    const sentAt = this.#sentAt.get(stream);
    if (sentAt === undefined) return;
    this.#sentAt.delete(stream);
    if (this.#replied.delete(stream)) this.#events.answered(sentAt);
    else this.#events.failed(failure);
    this.#events.freed(this);
  }

  #renewWindow(): void {
    const more = Buffer.alloc(4);
    more.writeUInt32BE(this.#received);
    this.#received = 0;
    this.#out.push(frame(FrameType.windowUpdate, 0, 0, more));
  }
}

/** After the five bytes of gRPC, the field and the length. */
const keyPlace = 5 + 2;

/** PutRequest (key = 1, value = 2) or RangeRequest (key = 1), as gRPC frames a message. */
function requestOf({ command, valueBytes }: Requests): Buffer {
  const key = Buffer.concat([Buffer.from([keyField, keyDigits]), Buffer.alloc(keyDigits)]);
  const value = [Buffer.from([valueField, ...variableLength(valueBytes)]), valueBytesOf(valueBytes)];
  const message = command === 'set' ? Buffer.concat([key, ...value]) : key;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([head, message]);
}

/** A varint of protobuf. */
function variableLength(number: number): number[] {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...variableLength(number >>> 7)];
}
