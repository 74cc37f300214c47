/** A run of operations of one client: all commands, in order, or all queries; answered together. */
import type { Clock } from '../machines/ports.ts';
import { leftOut } from './boundAnswer.ts';
import { KvError, type Operation, type Reply } from './operation.ts';

/** A reply of a server that leaves the operation unanswered: it is asked again. */
const unanswered = new Set(['NotLeader', 'LeadershipLost', 'SequenceGap', 'RepliesUnseen', leftOut.code]);

/** Commands; or queries, which any member may answer; or queries for the leader alone. */
export type RunKind = 'write' | 'read' | 'leaderRead';

export interface RunOptions {
  readonly operations: readonly Operation[];
  readonly kind: RunKind;
  readonly deadline: number;
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
  readonly #replies: (Reply | undefined)[];
  readonly #done: RunOptions['done'];
  #finished = false;
  /** The replies that follow had no room in the answer. */
  #isCut = false;

  constructor(options: RunOptions) {
    this.operations = options.operations;
    this.#kind = options.kind;
    this.deadline = options.deadline;
    this.#done = options.done;
    this.#replies = new Array(options.operations.length).fill(undefined);
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
    this.#replies.forEach((reply, place) => {
      if (reply === undefined) places.push(place);
    });
    return places;
  }

  /** Takes the reply of one operation; the word that no leader has dealt with it is none. */
  answer(place: number, reply: Reply): void {
    if (reply instanceof KvError && unanswered.has(reply.code)) {
      if (reply.code === 'LeadershipLost') this.isUncertain = true;
      if (reply.code === leftOut.code) this.#isCut = true;
      return;
    }
    this.#replies[place] = reply;
  }

  /** Hands the replies over if none is missing; of reads with very long replies, those that are there. */
  finishIfAnswered(): boolean {
    if (this.#finished) return true;
    const firstMissing = this.#replies.indexOf(undefined);
    const isEnough = firstMissing < 0 || (firstMissing > 0 && this.#isCut && !this.isWrite);
    if (!isEnough) return false;
    this.#finished = true;
    const answered = firstMissing < 0 ? this.#replies : this.#replies.slice(0, firstMissing);
    this.#done(answered as Reply[]); // none is undefined
    return true;
  }

  /** Gives every operation that has no answer this one. */
  giveUp(error: KvError): void {
    this.#replies.forEach((reply, place) => {
      if (reply === undefined) this.#replies[place] = error;
    });
    this.finishIfAnswered();
  }

  isOverdue(clock: Clock): boolean {
    return clock.now() >= this.deadline;
  }

  /** Bytes of all arguments. */
  get byteLength(): number {
    let bytes = 0;
    for (const { args } of this.operations) for (const arg of args) bytes += arg.byteLength;
    return bytes;
  }
}
