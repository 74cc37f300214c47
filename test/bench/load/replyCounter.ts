/** Counts the replies of a Redis server without reading them; what is an error, it reads. */

const plus = 0x2b;
const minus = 0x2d;
const colon = 0x3a;
const dollar = 0x24;
const lineFeed = 0x0a;

export class ReplyCounter {
  /** Bytes of a value, and the break after it, that are still to come. */
  #skip = 0;
  /** A line that has begun in an earlier chunk. */
  #line = '';
  readonly #onReply: () => void;
  readonly #onError: (message: string) => void;

  constructor(onReply: () => void, onError: (message: string) => void) {
    this.#onReply = onReply;
    this.#onError = onError;
  }

  /** @param length how many bytes of the chunk are there */
  take(chunk: Uint8Array, length: number): void {
    let at = 0;
    while (at < length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, length - at);
        at += skipped;
        this.#skip -= skipped;
        if (this.#skip === 0) this.#onReply();
        continue;
      }
      // A search over the whole buffer would find what an earlier chunk has left behind the end.
      let end = at;
      while (end < length && chunk[end] !== lineFeed) end += 1;
      if (end === length) {
        this.#line += latin1(chunk, at, end);
        return;
      }
      if (this.#line === '' && chunk[at] === plus) this.#onReply();
      else this.#takeLine(this.#line + latin1(chunk, at, end));
      at = end + 1;
    }
  }

  #takeLine(line: string): void {
    this.#line = '';
    // Without the kind and the carriage return.
    const rest = line.slice(1, -1);
    switch (line.charCodeAt(0)) {
      case dollar:
        if (rest === '-1') this.#onError('A key is missing.');
        else this.#skip = Number(rest) + 2;
        return;
      case plus:
      case colon:
        this.#onReply();
        return;
      case minus:
        this.#onError(rest);
        return;
      default:
        this.#onError(`This is no reply: ${line.slice(0, 100)}`);
    }
  }
}

function latin1(chunk: Uint8Array, from: number, to: number): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset + from, to - from).toString('latin1');
}
