/** What a client asks of the key/value service, and what it gets: plain values, free of any wire's format. */

/** Reads are below `firstWrite`, writes above it: a write becomes a log entry, a read is answered from what is applied. */
export const OperationCode = {
  get: 1,
  exists: 2,
  strlen: 3,
  mget: 4,
  put: 64,
  append: 65,
  del: 66,
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

/** An error that a client reads: `code` is one word in capitals, the first word of the Redis error reply. */
export class KvError extends Error {
  override readonly name = 'KvError';
  readonly code: string;
  constructor(code: string, message: string) {
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

export type Reply = null | number | Uint8Array | Status | KvError | readonly Reply[];
