/**
 * The first frame in either direction: the dialler says who it is and whom it believes to have reached, the other end
 * answers with who it is and whether it takes the connection. Payload, little-endian:
 *
 *     0  8 bytes, magic
 *     8  u8   role of the sender
 *     9  u8   verdict
 *    10  u16  reserved, 0
 *    12       cluster id, sender, addressee: each a u8 length and as many bytes of UTF-8
 */
import type { NodeId } from '../../machines/configuration.ts';
import { type Frame, FrameKind, frameHeaderBytes, writeFrameHeader } from './frame.ts';
import { nameBytesMax } from './transportLimits.ts';

const magic = Buffer.from('xs-raft\n', 'latin1');
const namesOffset = magic.byteLength + 4;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** A member of the cluster, or a process that only calls members. */
export const Role = { node: 0, client: 1 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What an end thinks of the other end's hello; a dialler, who speaks first, has none yet. */
export const Verdict = {
  none: 0,
  accepted: 1,
  wrongVersion: 2,
  foreignCluster: 3,
  wrongGroup: 4,
  wrongNode: 5,
  unknownPeer: 6,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

export interface Hello {
  readonly version: number;
  readonly group: number;
  readonly role: Role;
  /** A number that is no Verdict comes from a later release and is a refusal. */
  readonly verdict: number;
  readonly clusterId: string;
  /** Who sends it. */
  readonly from: NodeId;
  /** Who is meant to get it. */
  readonly to: NodeId;
}

/** The whole frame. The names have passed `isName`, or came in a hello. */
export function encodeHello(hello: Omit<Hello, 'version'>): Buffer {
  const names = [hello.clusterId, hello.from, hello.to].map((name) => Buffer.from(name, 'utf8'));
  const head = Buffer.alloc(frameHeaderBytes + namesOffset);
  magic.copy(head, frameHeaderBytes);
  head[frameHeaderBytes + magic.byteLength] = hello.role;
  head[frameHeaderBytes + magic.byteLength + 1] = hello.verdict;
  const frame = Buffer.concat([head, ...names.flatMap((name) => [Buffer.of(name.byteLength), name])]);
  writeFrameHeader(frame, 0, frame.byteLength, FrameKind.hello, hello.group, 0);
  return frame;
}

/** Undefined: this is no hello of any version, so that the other end is no node at all. */
export function decodeHello(frame: Frame): Hello | undefined {
  const { payload } = frame;
  if (frame.kind !== FrameKind.hello || payload.byteLength < namesOffset) return undefined;
  if (!magic.equals(payload.subarray(0, magic.byteLength))) return undefined;
  const names: string[] = [];
  let offset = namesOffset;
  while (names.length < 3) {
    const begin = offset + 1;
    offset = begin + (payload[offset] ?? 0);
    if (begin === offset || offset > payload.byteLength) return undefined;
    const name = decodeName(payload.subarray(begin, offset));
    if (name === undefined) return undefined;
    names.push(name);
  }
  const [clusterId = '', from = '', to = ''] = names;
  return {
    version: frame.version,
    group: frame.group,
    role: payload[magic.byteLength] === Role.node ? Role.node : Role.client,
    verdict: payload[magic.byteLength + 1] ?? Verdict.none,
    clusterId,
    from,
    to,
  };
}

function decodeName(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined; // not UTF-8: the caller says so for the whole hello
  }
}

/** True for a name that a hello can carry. */
export function isName(name: string): boolean {
  const bytes = Buffer.byteLength(name, 'utf8');
  return bytes > 0 && bytes <= nameBytesMax;
}
