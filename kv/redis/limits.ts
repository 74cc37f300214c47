/** Every bound of the Redis front, each with its reason. Sizes in bytes, times in ms. */
export interface FrontLimits {
  /** Clients connected at once; one more is told so and let go. Redis' own default. */
  readonly connectionsMax: number;
  /** Longest single argument. A value is held several times on its way through the log, so less than Redis' 512 MiB. */
  readonly bulkBytesMax: number;
  /** Arguments of one command, its name included: Redis' bound for clients that are not authenticated. */
  readonly argumentsMax: number;
  /** All arguments of one command: a key and a value of the longest, and an entry of the log holds them. */
  readonly commandBytesMax: number;
  /** Longest inline command: Redis' own bound. */
  readonly inlineBytesMax: number;
  /** Arguments waiting for their turn on one connection; above it, the socket is not read until half of it is free. */
  readonly queuedBytesMax: number;
  /** Commands waiting on one connection, alike: each costs far more memory than its bytes. */
  readonly queuedCommandsMax: number;
  /** Replies that a client has not taken yet; above it, the client is cut off. The longest MGET has to fit, too. */
  readonly unsentBytesMax: number;
  /** How long a client may take to hang up after the front did: its last reply must not be lost to a reset. */
  readonly lingerMs: number;
}

export const defaultLimits: FrontLimits = {
  connectionsMax: 10_000,
  bulkBytesMax: 16 * 1024 * 1024,
  argumentsMax: 1024 * 1024,
  commandBytesMax: 33 * 1024 * 1024,
  inlineBytesMax: 64 * 1024,
  queuedBytesMax: 1024 * 1024,
  queuedCommandsMax: 8192,
  unsentBytesMax: 256 * 1024 * 1024,
  lingerMs: 1000,
};

/** Memory for an argument that comes in pieces begins with this much and doubles: a claimed length costs nothing. */
export const assemblyBytesFirst = 4096;

/** Memory that replies are gathered in; most batches fit, and it is used over and over. */
export const scratchBytes = 16 * 1024;

/** Scratch memory kept for the next batch: batches overlap only when one connection's replies wake another's. */
export const scratchesKept = 4;

/** A longer pattern matches no name that there is; matching takes time in proportion to its length. */
export const patternBytesMax = 256;

/** The reply to an unknown command repeats so many bytes of its name, and of its arguments, as Redis does. */
export const echoedBytesMax = 128;

/** Keys that a command which looks at all of them takes at once: about a millisecond, so that heartbeats are on time. */
export const keysBetweenTurns = 2000;
