/**
 * Finds the commands in the bytes that a client sends: arrays of bulk strings (RESP, the same in both versions) and
 * inline commands. https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { Assembly } from './assembly.ts';
import { HeaderReader } from './header.ts';
import { splitInline } from './inline.ts';
import type { FrontLimits } from './limits.ts';
import { ProtocolError } from './protocolError.ts';

export type ParserLimits = Pick<
  FrontLimits,
  'bulkBytesMax' | 'argumentsMax' | 'commandBytesMax' | 'inlineBytesMax'
>;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const asterisk = 0x2a;
const dollar = 0x24;

const nothing = new Uint8Array(0);
const noRead: Buffer = Buffer.alloc(0);

/**
 * Takes one read at a time with `push`, then gives its commands with `next` until that is false. While `next` was true
 * the parser itself is the command; its fields are replaced with the following `next`.
 *
 * An argument is a view of the read that it came in, or memory of its own if its command came in several.
 */
export class RespParser {
  /** The first word of the command, as it was written. */
  name: Uint8Array = nothing;
  /** The words behind the name. */
  args: Uint8Array[] = [];
  /** Bytes of the name and the arguments. */
  byteLength = 0;

  readonly #limits: ParserLimits;
  #read = noRead;
  #offset = 0;
  /** Bulks that are still to come; 0 between commands. */
  #missing = 0;
  /** The name has been read. */
  #isNamed = false;
  /** So many arguments lie in memory of their own; the others may be views of the current read. */
  #owned = 0;
  /** Length of the bulk whose bytes come next; -1 if its header does. */
  #bulkBytes = -1;
  readonly #header = new HeaderReader();
  /** A bulk or line that the end of a read cut through. */
  #assembly: Assembly | undefined;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
  }

  /** Bytes of a command that has come in part, and of what has not been read behind the one that has come. */
  get heldBytes(): number {
    const taken = this.#missing > 0 ? this.byteLength - Math.max(0, this.#bulkBytes) : 0;
    return taken + (this.#assembly?.length ?? 0) + this.#read.byteLength - this.#offset;
  }

  /** Takes the memory of `read` over: it must not change any more. The read before must have been used up. */
  push(read: Buffer): void {
    this.#read = read;
    this.#offset = 0;
  }

  /**
   * Goes to the next command; false if it is not there in full.
   * @throws ProtocolError - and from then on the stream cannot be read any more
   */
  next(): boolean {
    if (this.#takeCommand()) return true;
    if (this.#missing > 0) this.#ownArguments();
    else this.#forget();
    // Whoever waits for more must not keep the memory of what there was.
    this.#read = noRead;
    this.#offset = 0;
    return false;
  }

  #takeCommand(): boolean {
    while (this.#missing === 0) {
      if (this.#offset === this.#read.byteLength) return false;
      const isInline = !this.#header.isCut && this.#read[this.#offset] !== asterisk;
      if (isInline || this.#assembly !== undefined) {
        const line = this.#takeLine();
        if (line === undefined) return false;
        if (this.#takeInline(line)) return true;
        continue;
      }
      if (!this.#takeHeader('invalid multibulk length')) return false;
      const { value } = this.#header;
      if (value > this.#limits.argumentsMax) throw new ProtocolError('invalid multibulk length');
      // An array of no elements, or of fewer, asks for nothing.
      this.#missing = Math.max(0, value);
      this.#forget();
    }
    while (this.#missing > 0) if (!this.#takeBulk()) return false;
    return true;
  }

  #forget(): void {
    this.name = nothing;
    this.args = [];
    this.byteLength = 0;
    this.#isNamed = false;
    this.#owned = 0;
  }

  #takeInline(line: Uint8Array): boolean {
    const words = splitInline(line);
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request');
    const [name, ...args] = words;
    if (name === undefined) return false;
    this.name = name;
    this.args = args;
    this.byteLength = line.byteLength;
    return true;
  }

  /** The next line without its line break; undefined if it is not there in full. */
  #takeLine(): Uint8Array | undefined {
    const end = this.#read.indexOf(lineFeed, this.#offset);
    const rest = this.#read.subarray(this.#offset, end < 0 ? this.#read.byteLength : end);
    const bytesMax = this.#limits.inlineBytesMax;
    if ((this.#assembly?.length ?? 0) + rest.byteLength > bytesMax)
      throw new ProtocolError('too big inline request');
    this.#offset += rest.byteLength + 1;
    if (end < 0 || this.#assembly !== undefined) {
      this.#assembly ??= new Assembly(bytesMax);
      this.#assembly.append(rest);
    }
    if (end < 0) return undefined;
    const line = this.#assembly?.bytes ?? rest;
    this.#assembly = undefined;
    return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
  }

  /** Reads one bulk; false if it is not there in full. */
  #takeBulk(): boolean {
    if (this.#bulkBytes < 0) {
      if (!this.#header.isCut) {
        const marker = this.#read[this.#offset];
        if (marker === undefined) return false;
        if (marker !== dollar) throw new ProtocolError(`expected '$', got '${String.fromCharCode(marker)}'`);
      }
      if (!this.#takeHeader('invalid bulk length')) return false;
      const { value } = this.#header;
      if (value < 0 || value > this.#limits.bulkBytesMax) throw new ProtocolError('invalid bulk length');
      this.byteLength += value;
      if (this.byteLength > this.#limits.commandBytesMax) throw new ProtocolError('too big command');
      this.#bulkBytes = value;
    }
    const length = this.#bulkBytes;
    if (this.#assembly !== undefined || this.#read.byteLength - this.#offset < length + 2) {
      return this.#assembleBulk(length);
    }
    const begin = this.#offset;
    checkLineBreak(this.#read, begin + length);
    this.#offset = begin + length + 2;
    // Not a Buffer: whoever gets it may expect that slice() copies.
    this.#addBulk(
      length === 0 ? nothing : new Uint8Array(this.#read.buffer, this.#read.byteOffset + begin, length),
    );
    return true;
  }

  #assembleBulk(length: number): boolean {
    this.#assembly ??= new Assembly(length + 2);
    const take = Math.min(this.#read.byteLength - this.#offset, length + 2 - this.#assembly.length);
    this.#assembly.append(this.#read.subarray(this.#offset, this.#offset + take));
    this.#offset += take;
    if (this.#assembly.length < length + 2) return false;
    const { bytes } = this.#assembly;
    this.#assembly = undefined;
    checkLineBreak(bytes, length);
    this.#addBulk(bytes.subarray(0, length));
    return true;
  }

  #addBulk(bytes: Uint8Array): void {
    if (this.#isNamed) this.args.push(bytes);
    else this.name = bytes;
    this.#isNamed = true;
    this.#bulkBytes = -1;
    this.#missing -= 1;
  }

  /** Reads a header; false if it is not there in full. */
  #takeHeader(complaint: string): boolean {
    const behind = this.#header.take(this.#read, this.#offset, complaint);
    this.#offset = behind > 0 ? behind : this.#read.byteLength;
    return behind > 0;
  }

  /** Copies the arguments out of the read that ends in the middle of their command: it may take long to complete. */
  #ownArguments(): void {
    const { args } = this;
    const { buffer } = this.#read;
    let bytes = this.name.buffer === buffer ? this.name.byteLength : 0;
    for (let at = this.#owned; at < args.length; at += 1) {
      const arg = args[at];
      if (arg?.buffer === buffer) bytes += arg.byteLength;
    }
    const memory = new Uint8Array(bytes);
    let filled = 0;
    const own = (view: Uint8Array): Uint8Array => {
      if (view.buffer !== buffer) return view;
      const copy = memory.subarray(filled, filled + view.byteLength);
      copy.set(view);
      filled += view.byteLength;
      return copy;
    };
    this.name = own(this.name);
    for (let at = this.#owned; at < args.length; at += 1) args[at] = own(args[at] ?? nothing);
    this.#owned = args.length;
  }
}

/** Redis skips the two bytes behind a bulk whatever they are; then a wrong length would cut a value short unseen. */
function checkLineBreak(bytes: Uint8Array, at: number): void {
  if (bytes[at] !== carriageReturn || bytes[at + 1] !== lineFeed) {
    throw new ProtocolError('expected a line break behind the bulk');
  }
}
