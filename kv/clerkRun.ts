/** A run of operations of one client: all commands, in order, or all queries; answered together. */
import type { Clock } from '../machines/ports.ts';
import { leftOut } from './boundAnswer.ts';
import { operationBytesExtra } from './limits.ts';
import { KvError, type Operation, type Reply } from './operation.ts';

/** A reply of a server that leaves the operation unanswered: it is asked again. */
const unanswered = new Set(['NotLeader', 'LeadershipLost', 'SequenceGap', 'RepliesUnseen', leftOut.code]);

/** Commands; or queries, which any member may answer; or queries for the leader alone. */
export type RunKind = 'write' | 'read' | 'leaderRead';

/** What all runs of a clerk that are not finished hold, bytes. */
export interface QueuedBytes {
  bytes: number;
}

export interface RunOptions {
  readonly operations: readonly Operation[];
  readonly kind: RunKind;
  readonly deadline: number;
  /** The run counts among these until it is finished. */
  readonly queued: QueuedBytes;
  readonly done: (replies: readonly Reply[]) => void;
}

export class ClerkRun {
  readonly operations: readonly Operation[];
  /** ms on the clerk's clock. */
  readonly deadline: number;
  /** What to add to a command's place for its number in the session; undefined: not numbered yet. */
  numbering: number | undefined;
  /** An attempt ended without an answer: the commands may have taken effect. */
  isUncertain = false;
  #kind: RunKind;
  readonly #replies: (Reply | undefined)[] = [];
  /** Operations that have no reply yet. */
  #missing: number;
  /** Of all arguments, and what each operation takes besides. */
  readonly byteLength: number;
  readonly #queued: QueuedBytes;
  readonly #done: RunOptions['done'];
  #finished = false;
  /** The replies that follow had no room in the answer. */
  #isCut = false;

  constructor({ operations, kind, deadline, queued, done }: RunOptions) {
    this.operations = operations;
    this.#kind = kind;
    this.deadline = deadline;
    this.#missing = operations.length;
    this.#done = done;
    for (let place = 0; place < operations.length; place += 1) this.#replies.push(undefined);
    this.byteLength = bytesOf(operations);
    this.#queued = queued;
    queued.bytes += this.byteLength;
  }

  get isWrite(): boolean {
    return this.#kind === 'write';
  }

  /** Any member may answer it. */
  get isForAnyMember(): boolean {
    return this.#kind === 'read';
  }

  /** A member that follows cannot answer it now. */
  leaveToLeader(): void {
    if (this.#kind === 'read') this.#kind = 'leaderRead';
  }

  get isFinished(): boolean {
    return this.#finished;
  }

  /** The places of the operations without an answer: what a retry sends. */
  get missing(): number[] {
    const places: number[] = [];
    for (let place = 0; place < this.#replies.length; place += 1) {
      if (this.#replies[place] === undefined) places.push(place);
    }
    return places;
  }

  /** Takes the reply of one operation; the word that no leader has dealt with it is none. */
  answer(place: number, reply: Reply): void {
    if (reply instanceof KvError && unanswered.has(reply.code)) {
      if (reply.code === 'LeadershipLost') this.isUncertain = true;
      if (reply.code === leftOut.code) this.#isCut = true;
      return;
    }
    if (this.#replies[place] === undefined) this.#missing -= 1;
    this.#replies[place] = reply;
  }

  /** Hands the replies over if none is missing; of reads with very long replies, those that are there. */
  finishIfAnswered(): boolean {
    if (this.#finished) return true;
    if (this.#missing === 0) {
      this.#finish(this.#replies as Reply[]); // none is undefined
      return true;
    }
    const firstMissing = this.#replies.indexOf(undefined);
    if (firstMissing === 0 || !this.#isCut || this.isWrite) return false;
    this.#finish(this.#replies.slice(0, firstMissing) as Reply[]); // likewise
    return true;
  }

  /** Gives every operation that has no answer this one. */
  giveUp(error: KvError): void {
    this.#replies.forEach((reply, place) => {
      if (reply === undefined) this.#replies[place] = error;
    });
    this.#missing = 0;
    this.finishIfAnswered();
  }

  isOverdue(clock: Clock): boolean {
    return clock.now() >= this.deadline;
  }

  #finish(replies: readonly Reply[]): void {
    this.#finished = true;
    this.#queued.bytes -= this.byteLength;
    this.#done(replies);
  }
}

function bytesOf(operations: readonly Operation[]): number {
  let bytes = operations.length * operationBytesExtra;
  for (const { args } of operations) for (const arg of args) bytes += arg.byteLength;
  return bytes;
}
