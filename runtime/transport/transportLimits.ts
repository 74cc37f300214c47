/** Every bound of the TCP transport, each with its reason. Sizes in bytes, times in ms. */
export interface TransportLimits {
  /** A frame, header included, must hold the largest entry (64 MiB) with its message around it. */
  readonly frameBytesMax: number;
  /** Bytes waiting to leave for one peer: the largest frame, and room for heartbeats behind it. */
  readonly queuedBytesMax: number;
  /** Bytes of requests that one caller may have unanswered here before its connection is not read any more. */
  readonly unansweredBytesMax: number;
  /** Incoming connections: all peers and a crowd of clients, far below the usual number of open files. */
  readonly connectionsMax: number;
  /** A call without a reply is given up after this time, at the latest an eighth of it later. */
  readonly callTimeoutMs: number;
  /** From the dial, or from the accepted connection, to the other end's hello: survives one lost packet. */
  readonly handshakeMs: number;
  /** The back-off between two dials is random between the lower bound and a ceiling that doubles up to the upper one. */
  readonly backOffMinMs: number;
  readonly backOffMaxMs: number;
  /** An idle connection is probed by the kernel after this time. */
  readonly keepAliveMs: number;
  /** The same warning about the same address is repeated at most this often. */
  readonly warningEveryMs: number;
}

const MiB = 1024 * 1024;

export const defaultTransportLimits: TransportLimits = {
  frameBytesMax: 80 * MiB,
  queuedBytesMax: 128 * MiB,
  unansweredBytesMax: 128 * MiB,
  connectionsMax: 1024,
  callTimeoutMs: 5000,
  handshakeMs: 3000,
  backOffMinMs: 50,
  backOffMaxMs: 1000,
  keepAliveMs: 10_000,
  warningEveryMs: 60_000,
};

/** Largest hello: a connection that has not introduced itself can make this node remember no more than that. */
export const helloBytesMax = 1024;

/** A cluster id or a node id, as UTF-8. */
export const nameBytesMax = 255;

/** A Raft group is stored in 16 bits. */
export const groupMax = 0xffff;

/**
 * Memory set aside for a frame that arrives in several reads; beyond it the memory doubles as bytes really arrive.
 * Holds a full AppendEntries, a chunk of a snapshot, or an entry with a value of 1 MiB, so that these are copied once.
 */
export const assemblyBytesFirst = 1.25 * MiB;

/** Payload parts up to this size are copied behind their header; larger ones leave from where they are. */
export const copiedBytesMax = 8 * 1024;

/** Headers and small payloads of many frames are gathered in pieces of this size. */
export const slabBytes = 64 * 1024;

/**
 * Bytes given to the socket ahead of the kernel; the rest waits outside it, so that its progress can be seen. A peer
 * that takes so many in the time of a call is not silent, however large the frame.
 */
export const socketBytesAhead = 256 * 1024;

/** Different subjects (addresses, peers) of one kind of warning that are told apart. */
export const warningSubjectsMax = 16;

/** Dials in a row that fail before a peer is called unreachable: one that is just restarting makes no noise. */
export const failedDialsBeforeWarning = 5;
