/** The headers of RESP: a marker, a length in decimal digits and a line break, such as `*3\r\n`. */
import { ProtocolError } from './protocolError.ts';

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const minus = 0x2d;
const zero = 0x30;

/** More digits than any length that is taken has. */
const digitsMax = 15;
/** A marker, a sign, the digits and the line break. */
const headerBytesMax = digitsMax + 4;

export class HeaderReader {
  /** The number that the last header gave. */
  value = 0;
  /** The beginning of a header that the end of a read cut through. */
  readonly #bytes = Buffer.alloc(headerBytesMax);
  #filled = 0;

  /** The beginning of a header has been taken: the next read goes on with it. */
  get isCut(): boolean {
    return this.#filled > 0;
  }

  /**
   * Reads a header from `offset`, or goes on with the one that was cut. The offset behind it; 0 if the read ends before
   * it does.
   * @throws ProtocolError with this complaint
   */
  take(read: Buffer, offset: number, complaint: string): number {
    if (this.#filled === 0) {
      const behind = this.#scan(read, offset, read.byteLength, complaint);
      if (behind > 0) return behind;
    }
    const before = this.#filled;
    this.#filled += read.copy(this.#bytes, before, offset);
    const behind = this.#scan(this.#bytes, 0, this.#filled, complaint);
    if (behind === 0) return 0;
    this.#filled = 0;
    return offset + behind - before;
  }

  /** Numbers are written as Redis wants them: no plus sign, no zeros in front. */
  #scan(bytes: Buffer, from: number, end: number, complaint: string): number {
    const isNegative = from + 1 < end && bytes[from + 1] === minus;
    const first = from + (isNegative ? 2 : 1);
    let at = first;
    let value = 0;
    for (; ; at += 1) {
      if (at >= end) return 0;
      const digit = (bytes[at] ?? 0) - zero;
      if (digit < 0 || digit > 9) break;
      if (at - first === digitsMax) throw new ProtocolError(complaint);
      value = value * 10 + digit;
    }
    const isNumber = bytes[first] === zero ? at === first + 1 && !isNegative : at > first;
    if (!isNumber || bytes[at] !== carriageReturn) throw new ProtocolError(complaint);
    if (at + 1 >= end) return 0;
    if (bytes[at + 1] !== lineFeed) throw new ProtocolError(complaint);
    this.value = isNegative ? -value : value;
    return at + 2;
  }
}
