/** A connection to a server that carries requests of a load generator. */
export interface Channel {
  /** How many more may be sent now. */
  readonly free: number;
  /** @throws Error if the server cannot be reached */
  open(): Promise<void>;
  /** Sends a request, or a batch; only where one is free. Must be followed by `flush`. */
  send(): void;
  flush(): void;
  close(): void;
}

export interface ChannelEvents {
  /** A request that was sent at this moment of `performance.now()` is answered. */
  answered(sentAt: number): void;
  /** The server said so, or the connection ended; nothing more comes from it then. */
  failed(message: string): void;
  /** A batch has all its answers, so that its place is free. */
  freed(channel: Channel): void;
}

/** What the requests of a channel are. */
export interface Requests {
  readonly command: 'set' | 'get';
  readonly valueBytes: number;
  /** The number of the next key. */
  nextKey(): number;
}

/** Digits in a key, so that all are of one length. */
export const keyDigits = 12;
const zero = 0x30;

/** Writes a number into the bytes of a key. */
export function writeKey(bytes: Uint8Array, at: number, key: number): void {
  let rest = key;
  for (let place = at + keyDigits - 1; place >= at; place -= 1) {
    bytes[place] = zero + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** Bytes that no compression would make less of; the same for all. */
export function valueBytesOf(bytes: number): Buffer {
  const value = Buffer.allocUnsafe(bytes);
  let state = 1;
  for (let place = 0; place < bytes; place += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    value[place] = 0x61 + ((state >>> 16) % 26);
  }
  return value;
}
