/** Finds the frames in a stream of bytes that arrives in pieces of any size. */
import { type Frame, frameHeaderBytes, MalformedFrame } from './frame.ts';
import { assemblyBytesFirst } from './transportLimits.ts';

const nothing = new Uint8Array(0);

/**
 * Takes one read at a time with `push`, then gives its frames with `next` until that is false. While `next` was true,
 * the parser itself is the frame; its fields change with the following `next`.
 *
 * A payload stays as it is for as long as it is referenced: it is a view of the read that it came in, or memory of its
 * own if it came in several. A view keeps its whole read alive (up to 64 KiB): copy a small payload that is kept long.
 */
export class FrameParser implements Frame {
  version = 0;
  kind = 0;
  group = 0;
  callId = 0;
  payload: Uint8Array = nothing;
  /** A longer frame, header included, is refused by its length alone. */
  frameBytesMax: number;

  #read: Buffer = Buffer.alloc(0);
  #offset = 0;
  /** A header that a read cut through; so many bytes of it are there. */
  readonly #header = Buffer.alloc(frameHeaderBytes);
  #headerFilled = 0;
  /** A payload that a read cut through; so many bytes of it are there, out of so many. */
  #assembly: Uint8Array | undefined;
  #assembled = 0;
  #payloadBytes = 0;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  /** Takes the memory of `read` over: it must not change any more. The read before must have been used up. */
  push(read: Buffer): void {
    this.#read = read;
    this.#offset = 0;
  }

  /**
   * Goes to the next frame; false if it is not there in full.
   * @throws MalformedFrame - and from then on the stream cannot be read any more
   */
  next(): boolean {
    if (this.#assembly === undefined) {
      if (!this.#takeHeader()) return false;
      const begin = this.#offset;
      if (this.#read.byteLength - begin >= this.#payloadBytes) {
        // Not a Buffer: whoever gets it may expect that slice() copies.
        this.payload = new Uint8Array(this.#read.buffer, this.#read.byteOffset + begin, this.#payloadBytes);
        this.#offset = begin + this.#payloadBytes;
        return true;
      }
      // A claimed length costs the sender nothing, so that it is no reason to set that much memory aside.
      this.#assembly = allocate(Math.min(this.#payloadBytes, assemblyBytesFirst));
      this.#assembled = 0;
    }
    return this.#assemble(this.#assembly);
  }

  #takeHeader(): boolean {
    const available = this.#read.byteLength - this.#offset;
    if (this.#headerFilled === 0 && available >= frameHeaderBytes) {
      this.#readHeader(this.#read, this.#offset);
      this.#offset += frameHeaderBytes;
      return true;
    }
    const take = Math.min(available, frameHeaderBytes - this.#headerFilled);
    this.#read.copy(this.#header, this.#headerFilled, this.#offset, this.#offset + take);
    this.#offset += take;
    this.#headerFilled += take;
    if (this.#headerFilled < frameHeaderBytes) return false;
    this.#headerFilled = 0;
    this.#readHeader(this.#header, 0);
    return true;
  }

  #readHeader(bytes: Buffer, offset: number): void {
    const frameBytes = bytes.readUInt32LE(offset);
    if (frameBytes < frameHeaderBytes) {
      throw new MalformedFrame(`a frame of ${frameBytes} bytes has no room for its header`);
    }
    if (frameBytes > this.frameBytesMax) {
      throw new MalformedFrame(
        `a frame claims ${frameBytes} bytes where at most ${this.frameBytesMax} are taken`,
        true,
      );
    }
    this.#payloadBytes = frameBytes - frameHeaderBytes;
    this.version = bytes.readUInt8(offset + 4);
    this.kind = bytes.readUInt8(offset + 5);
    this.group = bytes.readUInt16LE(offset + 6);
    this.callId = bytes.readUInt32LE(offset + 8);
  }

  #assemble(assembly: Uint8Array): boolean {
    const take = Math.min(this.#read.byteLength - this.#offset, this.#payloadBytes - this.#assembled);
    const filled = this.#assembled + take;
    let target = assembly;
    if (filled > assembly.byteLength) {
      // Doubling copies every byte about once more, whatever the size of the reads.
      target = allocate(Math.min(this.#payloadBytes, Math.max(filled, assembly.byteLength * 2)));
      target.set(assembly.subarray(0, this.#assembled));
      this.#assembly = target;
    }
    target.set(this.#read.subarray(this.#offset, this.#offset + take), this.#assembled);
    this.#offset += take;
    this.#assembled = filled;
    if (filled < this.#payloadBytes) return false;
    this.payload = target;
    this.#assembly = undefined;
    return true;
  }
}

/** Memory of its own, not of Node's shared pool, and not cleared: it is filled before anyone reads it. */
function allocate(bytes: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, bytes);
}
