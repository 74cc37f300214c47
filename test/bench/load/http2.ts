/** Frames and header blocks of HTTP/2: RFC 9113 and, for the headers, RFC 7541. */

export const FrameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const StreamFlag = { endStream: 1, ack: 1, endHeaders: 4 } as const;

/** RFC 9113, section 6.9.1. */
export const windowBytesMax = 2 ** 31 - 1;
const windowBytesFirst = 65_535;
const headBytes = 9;
const initialWindowSize = 4;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + payload.byteLength);
  bytes.writeUIntBE(payload.byteLength, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, headBytes);
  return bytes;
}

/** Begins a connection whose windows never hold the server back. */
export const connectionPreface: Buffer = (() => {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(initialWindowSize, 0);
  settings.writeUInt32BE(windowBytesMax, 2);
  const window = Buffer.alloc(4);
  window.writeUInt32BE(windowBytesMax - windowBytesFirst);
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(FrameType.settings, 0, 0, settings),
    frame(FrameType.windowUpdate, 0, 0, window),
  ]);
})();

/** The headers of a gRPC call: on the first stream they go into the server's table, on the others they are read from there. */
export function headerBlocks(
  path: string,
  authority: string,
): { readonly first: Buffer; readonly next: Buffer } {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  // :method POST and :scheme http, from the static table.
  const fixed = Buffer.from([0x83, 0x86]);
  const first = Buffer.concat([
    fixed,
    // Literals that are to be indexed: :path, :authority, content-type by their static index, te by its name.
    ...[Buffer.from([0x44]), text(path), Buffer.from([0x41]), text(authority)],
    ...[Buffer.from([0x5f]), text('application/grpc'), Buffer.from([0x40]), text('te'), text('trailers')],
  ]);
  // The newest has index 62.
  const next = Buffer.concat([fixed, Buffer.from([65, 64, 63, 62].map((index) => 0x80 | index))]);
  return { first, next };
}

type OnFrame = (type: number, flags: number, stream: number, payload: Buffer) => void;

export class FrameReader {
  #rest: Buffer | undefined;
  readonly #onFrame: OnFrame;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  take(chunk: Buffer): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (bytes.byteLength - at >= headBytes) {
      const end = at + headBytes + bytes.readUIntBE(at, 3);
      if (bytes.byteLength < end) break;
      const stream = bytes.readUInt32BE(at + 5) & windowBytesMax;
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes.subarray(at + headBytes, end));
      at = end;
    }
    this.#rest = at < bytes.byteLength ? bytes.subarray(at) : undefined;
  }
}
