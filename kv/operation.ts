/** What a client asks of the key/value service, and what it gets: plain values, free of any wire's format. */

/** Reads are below `firstWrite`, writes above it: a write becomes a log entry, a read is answered from what is applied. */
export const OperationCode = {
  get: 1,
  exists: 2,
  strlen: 3,
  mget: 4,
  ttl: 5,
  pttl: 6,
  expiretime: 7,
  pexpiretime: 8,
  getrange: 9,
  type: 10,
  keys: 11,
  scan: 12,
  randomkey: 13,
  /** Of keys, for WATCH. */
  versions: 14,
  put: 64,
  append: 65,
  del: 66,
  setnx: 67,
  setex: 68,
  psetex: 69,
  getset: 70,
  getdel: 71,
  getex: 72,
  expire: 73,
  pexpire: 74,
  expireat: 75,
  pexpireat: 76,
  persist: 77,
  incr: 78,
  decr: 79,
  incrby: 80,
  decrby: 81,
  incrbyfloat: 82,
  mset: 83,
  msetnx: 84,
  setrange: 85,
  rename: 86,
  renamenx: 87,
  copy: 88,
  flush: 89,
  /** A whole transaction; its arguments are encoded commands. */
  exec: 90,
  /** A message to the subscribers of a channel, at every node. */
  publish: 91,
  /** Nothing but time passes; the leader proposes it when a deadline has come and no client says anything. */
  tick: 125,
  /** Registers a session. */
  openSession: 126,
  /** Ends a session; its client is gone. */
  closeSession: 127,
} as const;
export type OperationCode = (typeof OperationCode)[keyof typeof OperationCode];

const firstWrite = 64;

export interface Operation {
  readonly code: OperationCode;
  /** Keys and values as they came; their number and order is the command's, as Redis documents it. */
  readonly args: readonly Uint8Array[];
}

export function isWrite(code: number): boolean {
  return code >= firstWrite;
}

/**
 * What went wrong, one meaning to a code. This attempt had no effect: NotLeader (the message is the leader's id, if one
 * is known), Overloaded, SequenceGap, RepliesUnseen, SessionExpired. It may have taken effect: LeadershipLost, Timeout, and
 * SessionExpired from a clerk, which passes it on only if an earlier attempt may have. Took effect before, and the client
 * has said that it saw the reply: Seen. The request itself is wrong: Err, and whatever Redis calls it.
 */
export type ErrorCode =
  | 'NotLeader'
  | 'Overloaded'
  | 'SequenceGap'
  | 'RepliesUnseen'
  | 'SessionExpired'
  | 'LeadershipLost'
  | 'Timeout'
  | 'Seen'
  | 'Err';

export class KvError extends Error {
  override readonly name = 'KvError';
  readonly code: string;
  /** `code` is an ErrorCode, or a word that Redis uses in its place, such as WRONGTYPE. */
  constructor(code: ErrorCode | Uppercase<string>, message: string) {
    super(message);
    this.code = code;
  }
}

/** A simple status such as OK. */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export const ok = new Status('OK');

/** Whole numbers beyond those that a number holds exactly are bigints, of 64 bits. */
export type Reply = null | number | bigint | Uint8Array | Status | KvError | readonly Reply[];
