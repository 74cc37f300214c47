/**
 * What travels on a connection between two nodes: frames. Little-endian:
 *
 *     0  u32  bytes of the whole frame, this header included
 *     4  u8   format version
 *     5  u8   kind
 *     6  u16  Raft group
 *     8  u32  call id: a reply carries that of its request; 0 in a hello
 *    12       payload
 *
 * The header and the hello keep this layout in every format version to come, so that two releases that cannot talk
 * to each other can at least say so.
 */
export const frameHeaderBytes = 12;
export const frameFormatVersion = 1;

export const FrameKind = { hello: 0, request: 1, reply: 2 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Bytes of a message, in one piece or in several that are sent one behind the other. */
export type Payload = Uint8Array | readonly Uint8Array[];

/** A frame as it came in; nothing but its length has been checked. */
export interface Frame {
  readonly version: number;
  readonly kind: number;
  readonly group: number;
  readonly callId: number;
  readonly payload: Uint8Array;
}

/** The bytes that came in are no frames that this node takes. The connection cannot be read any further. */
export class MalformedFrame extends Error {
  readonly code = 'MalformedFrame';
  override readonly name = 'MalformedFrame';
  /** The frame was refused for its claimed length alone. */
  readonly isOversize: boolean;

  constructor(message: string, isOversize = false) {
    super(message);
    this.isOversize = isOversize;
  }
}

/** Bytes that a message takes as a frame. */
export function frameBytesOf(payload: Payload): number {
  if (payload instanceof Uint8Array) return frameHeaderBytes + payload.byteLength;
  let bytes = frameHeaderBytes;
  for (const part of payload) bytes += part.byteLength;
  return bytes;
}

/** Writes a header at `offset` of `target`, which has room for it. */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  frameBytes: number,
  kind: FrameKind,
  group: number,
  callId: number,
): void {
  target.writeUInt32LE(frameBytes, offset);
  target[offset + 4] = frameFormatVersion;
  target[offset + 5] = kind;
  target.writeUInt16LE(group, offset + 6);
  target.writeUInt32LE(callId, offset + 8);
}
