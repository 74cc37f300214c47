/**
 * Queries that wait: first for a read index (paper, section 8), then until what is applied has reached it, and then, if
 * a key's deadline is over on the leader's clock, until it is over by log time, too. Without that a key could be gone
 * for one read and back for the next, from a leader whose clock is behind. A follower leaves reads of keys that have a
 * deadline to the leader.
 */
import type { KvError, Operation, Reply } from './operation.ts';
import type { PendingRequest } from './pendingRequest.ts';

export interface Query {
  /** The place of its reply. */
  readonly slot: number;
  /** The operation, or its encoding. */
  readonly asked: Operation | Uint8Array;
}

export interface QueryWaitsOptions {
  /** The reply as of the time given, or undefined if log time must pass first. */
  readonly query: (asked: Query['asked'], asOf: number) => Reply | undefined;
  /** The leader's time, ms since the Unix epoch. */
  readonly now: () => number;
  /** Sees to it that log time reaches `time`; false if this node cannot. */
  readonly letPass: (time: number) => boolean;
}

/** The queries of one request. */
interface QueryGroup {
  /** This node led when it was asked. */
  readonly isOfLeader: boolean;
  readonly request: PendingRequest;
  readonly queries: readonly Query[];
  readIndex: number;
  /**
   * The leader's time when they could first be answered: what comes due later need not be waited for. A follower does
   * not know it, and answers nothing that hangs on a deadline.
   */
  asOf: number | undefined;
}

/** Later than any deadline. */
const anyTime = Number.MAX_SAFE_INTEGER;

export class QueryWaits {
  readonly #options: QueryWaitsOptions;
  /** Those whose read index is being confirmed, by token. */
  readonly #unconfirmed = new Map<number, QueryGroup>();
  #confirmed: QueryGroup[] = [];

  constructor(options: QueryWaitsOptions) {
    this.#options = options;
  }

  add(token: number, request: PendingRequest, queries: readonly Query[], isOfLeader: boolean): void {
    const asOf = isOfLeader ? undefined : anyTime;
    this.#unconfirmed.set(token, { isOfLeader, request, queries, readIndex: 0, asOf });
  }

  awaitsReadIndex(token: number): boolean {
    return this.#unconfirmed.has(token);
  }

  noteReadIndex(tokens: readonly number[], readIndex: number): void {
    for (const group of this.#take(tokens)) {
      group.readIndex = readIndex;
      this.#confirmed.push(group);
    }
  }

  /** There is no read index: this node does not lead any more, or knows of no leader. */
  refuseUnconfirmed(tokens: readonly number[], refusal: KvError): void {
    for (const group of this.#take(tokens)) refuse(group, refusal);
  }

  /** Queries wait for what is applied, or for log time. */
  get awaitsApplied(): boolean {
    return this.#confirmed.length > 0;
  }

  /** Answers those that need not wait any longer. */
  answer(lastApplied: number, refusal: () => KvError): void {
    const waiting: QueryGroup[] = [];
    for (const group of this.#confirmed) {
      const isAnswered = group.readIndex <= lastApplied && this.#answerGroup(group, refusal);
      if (!isAnswered) waiting.push(group);
    }
    this.#confirmed = waiting;
  }

  /** Leadership is lost. Those without a read index are refused by raft, those with one may wait for a time in vain. */
  refuseConfirmed(refusal: KvError): void {
    const refused = this.#confirmed;
    this.#confirmed = [];
    for (const group of refused) refuse(group, refusal);
  }

  *#take(tokens: readonly number[]): Generator<QueryGroup, void, void> {
    for (const token of tokens) {
      const group = this.#unconfirmed.get(token);
      if (this.#unconfirmed.delete(token) && group) yield group;
    }
  }

  /** All of them or none: a query must not be answered from an older state than the one before it. */
  #answerGroup(group: QueryGroup, refusal: () => KvError): boolean {
    const { query, now, letPass } = this.#options;
    group.asOf ??= now();
    const { request, queries, asOf, isOfLeader } = group;
    const replies: Reply[] = [];
    for (const { asked } of queries) {
      const reply = query(asked, asOf);
      if (reply !== undefined) {
        replies.push(reply);
        continue;
      }
      if (isOfLeader && letPass(asOf)) return false;
      refuse(group, refusal());
      return true;
    }
    let at = 0;
    for (const { slot } of queries) {
      request.settle(slot, replies[at] ?? null);
      at += 1;
    }
    return true;
  }
}

function refuse({ request, queries }: QueryGroup, refusal: KvError): void {
  for (const { slot } of queries) request.settle(slot, refusal);
}
