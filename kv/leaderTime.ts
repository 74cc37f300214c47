/** What a leader does for log time: it stamps what it proposes, and proposes a tick where nobody proposes anything. */
import { EntryKind } from '../machines/entry.ts';
import type { RaftNode } from '../runtime/raftNode.ts';
import { deadlineCheckMsMax } from './limits.ts';
import type { StateMachine } from './stateMachine.ts';
import { encodeTick, kvService } from './wire.ts';

export interface LeaderTimeOptions {
  readonly node: Pick<RaftNode, 'propose'>;
  /** The node's clock, ms since the Unix epoch. It may be set, forwards and backwards. */
  readonly timeOfDay: () => number;
  /** Its time is log time. */
  readonly state: Pick<StateMachine, 'time'>;
}

export class LeaderTime {
  readonly #options: LeaderTimeOptions;
  /** The latest stamp of this leadership: log time reaches it, unless the leadership is lost first. */
  #stampedTo = Number.NEGATIVE_INFINITY;
  /** The index of the last tick that a deadline asked for; Infinity: it could not be proposed. */
  #tickIndex = 0;

  constructor(options: LeaderTimeOptions) {
    this.#options = options;
  }

  /** The leader's own time, whole ms. */
  now(): number {
    // A clock that shows nothing at all is as good as one that is far behind.
    return Math.floor(this.#options.timeOfDay()) || 0;
  }

  /** An entry with this stamp stands in the log. */
  noteStamp(time: number): void {
    if (time > this.#stampedTo) this.#stampedTo = time;
  }

  /** Sees to it that log time reaches `time`; false if this node cannot. */
  letPass(time: number): boolean {
    return this.#stampedTo >= time || this.#proposeTick(time) !== undefined;
  }

  /** Proposes a tick, unless one is under way. */
  tick(lastApplied: number): void {
    if (this.#tickIndex > lastApplied && this.#tickIndex !== Number.POSITIVE_INFINITY) return;
    this.#tickIndex = this.#proposeTick(this.now()) ?? Number.POSITIVE_INFINITY;
  }

  tickIsApplied(lastApplied: number): boolean {
    return this.#tickIndex <= lastApplied;
  }

  /** Neither log time nor the leader's own has reached the deadline. */
  isToCome(deadline: number): boolean {
    return deadline > Math.max(this.now(), this.#options.state.time);
  }

  /** How long to wait before the deadline is looked at, ms. */
  msUntil(deadline: number): number {
    if (!this.isToCome(deadline)) return 1;
    return Math.min(Math.max(deadline - this.now(), 1), deadlineCheckMsMax);
  }

  /** Leadership is lost, and perhaps what was proposed with it. */
  forget(): void {
    this.#stampedTo = Number.NEGATIVE_INFINITY;
    this.#tickIndex = 0;
  }

  #proposeTick(time: number): number | undefined {
    const { index, isLeader } = this.#options.node.propose(encodeTick(time), EntryKind.command, kvService);
    if (!isLeader) return undefined;
    this.noteStamp(time);
    return index;
  }
}
