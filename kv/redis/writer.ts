/** Replies as a client reads them: RESP2, or RESP3 once it asked for it with HELLO. */
import { KvError, ok, type Reply, Status } from '../operation.ts';
import { scratchBytes, scratchesKept } from './limits.ts';

export type ProtocolVersion = 2 | 3;

/** Names and their values in order: a map in RESP3, one list of both in RESP2. */
export class ReplyMap {
  readonly entries: readonly (readonly [WireReply, WireReply])[];
  constructor(entries: readonly (readonly [WireReply, WireReply])[]) {
    this.entries = entries;
  }
}

/** What comes unasked for, or in more parts than one: told apart from a reply in RESP3, a list in RESP2. */
export class Push {
  readonly elements: readonly WireReply[];
  constructor(elements: readonly WireReply[]) {
    this.elements = elements;
  }
}

/** Several replies to one command, one after another. */
export class Replies {
  readonly each: readonly WireReply[];
  constructor(each: readonly WireReply[]) {
    this.each = each;
  }
}

/** In place of a list: there is none. RESP2 tells it from a missing value. */
export const noList = Symbol('no list');

/** What the front itself replies may hold maps and text, too; text travels as a bulk string. */
export type WireReply = Reply | string | typeof noList | ReplyMap | Push | Replies | readonly WireReply[];

/** More bytes than a client may leave unread. */
export class RepliesTooLong extends Error {
  readonly code = 'RepliesTooLong';
  override readonly name = 'RepliesTooLong';
}

const marker = {
  array: '*'.charCodeAt(0),
  bulk: '$'.charCodeAt(0),
  error: '-'.charCodeAt(0),
  integer: ':'.charCodeAt(0),
  map: '%'.charCodeAt(0),
  push: '>'.charCodeAt(0),
  status: '+'.charCodeAt(0),
} as const;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const zero = 0x30;

const okLine = Buffer.from('+OK\r\n');
const noListOf = { 2: Buffer.from('*-1\r\n'), 3: Buffer.from('_\r\n') } as const;
const nullOf = { 2: Buffer.from('$-1\r\n'), 3: Buffer.from('_\r\n') } as const;

/** A marker, a sign, 16 digits and a line break. */
const headerBytesMax = 20;

/** Memory to gather a batch in, shared by all writers: a short batch leaves as a copy of just its length. */
const spareScratches: Buffer[] = [];

const noScratch: Buffer = Buffer.alloc(0);

/** Gathers the replies of one batch, so that they leave in one write. */
export class ReplyWriter {
  protocol: ProtocolVersion = 2;
  /** Bytes gathered. */
  length = 0;

  readonly #bytesMax: number;
  #bytes = noScratch;

  /** `bytesMax`: the longest batch. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Adds a reply. @throws RepliesTooLong */
  write(reply: WireReply): void {
    if (reply === ok) this.#writeRaw(okLine);
    else if (reply === null) this.#writeRaw(nullOf[this.protocol]);
    else if (reply === noList) this.#writeRaw(noListOf[this.protocol]);
    else if (typeof reply === 'number' || typeof reply === 'bigint') this.#writeHeader(marker.integer, reply);
    else if (reply instanceof Uint8Array) this.#writeBulk(reply);
    else if (reply instanceof Status) this.#writeLine(marker.status, reply.text);
    else if (reply instanceof KvError)
      this.#writeLine(marker.error, `${reply.code.toUpperCase()} ${reply.message}`);
    else if (typeof reply === 'string') this.#writeBulk(Buffer.from(reply));
    else if (reply instanceof ReplyMap) this.#writeMap(reply);
    else if (reply instanceof Push) {
      this.#writeHeader(this.protocol === 3 ? marker.push : marker.array, reply.elements.length);
      this.#writeEach(reply.elements);
    } else if (reply instanceof Replies) this.#writeEach(reply.each);
    else {
      this.#writeHeader(marker.array, reply.length);
      this.#writeEach(reply);
    }
  }

  /** Adds what another writer has gathered. @throws RepliesTooLong */
  writeEncoded(bytes: Uint8Array): void {
    this.#writeRaw(bytes);
  }

  /** The bytes gathered so far, which the writer forgets. */
  take(): Buffer {
    let taken: Buffer;
    if (this.#bytes.byteLength === scratchBytes) {
      taken = Buffer.allocUnsafe(this.length);
      this.#bytes.copy(taken, 0, 0, this.length);
      if (spareScratches.length < scratchesKept) spareScratches.push(this.#bytes);
    } else taken = this.#bytes.subarray(0, this.length);
    this.#bytes = noScratch;
    this.length = 0;
    return taken;
  }

  #writeEach(replies: readonly WireReply[]): void {
    for (const reply of replies) this.write(reply);
  }

  #writeMap({ entries }: ReplyMap): void {
    if (this.protocol === 3) this.#writeHeader(marker.map, entries.length);
    else this.#writeHeader(marker.array, entries.length * 2);
    for (const [name, value] of entries) {
      this.write(name);
      this.write(value);
    }
  }

  #writeBulk(value: Uint8Array): void {
    this.#writeHeader(marker.bulk, value.byteLength);
    this.#reserve(value.byteLength + 2);
    this.#bytes.set(value, this.length);
    this.length += value.byteLength;
    this.#writeLineBreak();
  }

  /** A line break within the text would end the reply early. */
  #writeLine(kind: number, text: string): void {
    const line = text.replaceAll(/[\r\n]/g, ' ');
    this.#reserve(line.length * 3 + 3); // UTF-8 takes at most three bytes for a unit of UTF-16
    this.#bytes[this.length] = kind;
    this.length += 1;
    this.length += this.#bytes.write(line, this.length);
    this.#writeLineBreak();
  }

  #writeHeader(kind: number, value: number | bigint): void {
    this.#reserve(headerBytesMax);
    this.#bytes[this.length] = kind;
    this.length += 1;
    if (typeof value === 'number' && value >= 0 && value < 10) {
      this.#bytes[this.length] = zero + value;
      this.length += 1;
    } else {
      this.length += this.#bytes.write(String(value), this.length, 'latin1');
    }
    this.#writeLineBreak();
  }

  #writeRaw(bytes: Uint8Array): void {
    this.#reserve(bytes.byteLength);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.byteLength;
  }

  #writeLineBreak(): void {
    this.#bytes[this.length] = carriageReturn;
    this.#bytes[this.length + 1] = lineFeed;
    this.length += 2;
  }

  /** Makes room for so many more bytes. */
  #reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > this.#bytesMax) throw new RepliesTooLong(`More than ${this.#bytesMax} bytes of replies.`);
    if (needed <= this.#bytes.byteLength) return;
    const larger =
      needed <= scratchBytes
        ? (spareScratches.pop() ?? Buffer.allocUnsafeSlow(scratchBytes))
        : Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#bytes.byteLength * 2, this.#bytesMax)));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}
