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
  /** Arguments waiting on all connections; above it, only those connections are read that have nothing waiting. */
  readonly queuedBytesOfAllMax: number;
  /** Commands of one transaction, which takes effect in one piece: some ten ms on every node. */
  readonly transactionCommandsMax: number;
  /** All arguments of its commands: an entry of the log holds them. */
  readonly transactionBytesMax: number;
  /** Names of the keys that one connection watches. */
  readonly watchedBytesMax: number;
  /** Both, of all connections: a client may take its time between MULTI and EXEC. */
  readonly transactionBytesOfAllMax: number;
  /** Names of channels and patterns that one connection is subscribed to. */
  readonly subscribedBytesMax: number;
  /** The same, of all connections. */
  readonly subscribedBytesOfAllMax: number;
  /** Different patterns that all connections are subscribed to: each is compared with the channel of every message. */
  readonly patternsMax: number;
  /** Replies to one batch; above it, the client is cut off. Only a client that asks for megabytes again and again meets it. */
  readonly unsentBytesMax: number;
  /** Replies that a client has not taken yet; above it, its next commands wait, and a subscriber is cut off. The longest reply of the service fits. */
  readonly unsentBytesSoft: number;
  /** Replies that all clients have not taken; above it, only those are served that have taken all of theirs. */
  readonly unsentBytesOfAllMax: number;
  /** A client whose commands wait for it to read is cut off if it takes nothing for so long. Redis' own, for subscribers. */
  readonly unsentMsMax: number;
  /** A client that says nothing for so long is hung up on; 0: never, which is Redis' own default. */
  readonly idleMsMax: number;
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
  queuedBytesOfAllMax: 256 * 1024 * 1024,
  transactionCommandsMax: 10_000,
  transactionBytesMax: 33 * 1024 * 1024,
  watchedBytesMax: 1024 * 1024,
  transactionBytesOfAllMax: 128 * 1024 * 1024,
  subscribedBytesMax: 1024 * 1024,
  subscribedBytesOfAllMax: 128 * 1024 * 1024,
  patternsMax: 10_000,
  unsentBytesMax: 256 * 1024 * 1024,
  unsentBytesSoft: 64 * 1024 * 1024,
  unsentBytesOfAllMax: 512 * 1024 * 1024,
  unsentMsMax: 60_000,
  idleMsMax: 0,
  lingerMs: 1000,
};

/** Memory for an argument that comes in pieces begins with this much and grows with what comes: a claimed length costs nothing. */
export const assemblyBytesFirst = 4096;

/** Memory that replies are gathered in; most batches fit, and it is used over and over. */
export const scratchBytes = 16 * 1024;

/** Scratch memory kept for the next batch: batches overlap only when one connection's replies wake another's. */
export const scratchesKept = 4;

/** A warning of a kind about the same host is repeated at most this often: who is turned away tends to come back. */
export const warningEveryMs = 60_000;

/** The reply to an unknown command repeats so many bytes of its name, and of its arguments, as Redis does. */
export const echoedBytesMax = 128;

/** A command that took so long, in microseconds, is kept for SLOWLOG: several times what a commit takes on a disk. */
export const slowMicroseconds = 100_000;

/** Commands kept for SLOWLOG, the words of each, and the bytes of each argument: as in Redis. */
export const slowLogLength = 128;
export const slowLogArgumentsMax = 32;
export const slowLogArgumentBytesMax = 128;

/** Keys that a command which looks at all of them takes at once: about a millisecond, so that heartbeats are on time. */
export const keysBetweenTurns = 2000;
