/**
 * The work behind the key/value server's chart, on batches: commands become entries and wait for their index, queries
 * wait for a read index, replies leave together, one message for each request.
 */
import type { NodeId } from '../machines/configuration.ts';
import { type Entry, EntryKind, type Payload } from '../machines/entry.ts';
import { entryPayloadBytesMax } from '../machines/limits.ts';
import type { SnapshotId, Storage } from '../machines/ports.ts';
import type { RaftNode } from '../runtime/raftNode.ts';
import { readStoredSnapshot } from '../runtime/storage/readStoredSnapshot.ts';
import { boundAnswer } from './boundAnswer.ts';
import { IndexWaits } from './indexWaits.ts';
import { LeaderTime } from './leaderTime.ts';
import { pendingBytesMax } from './limits.ts';
import { KvError, type Reply } from './operation.ts';
import { OwnCommand, OwnQuery } from './ownItems.ts';
import { PendingRequest } from './pendingRequest.ts';
import { type Query, QueryWaits } from './queryWaits.ts';
import type { SnapshotPace } from './snapshotPace.ts';
import type { StateMachine } from './stateMachine.ts';
import { type Answer, encodeRegistration, type Item, ItemKind, kvService, stampCommand } from './wire.ts';

export interface KvServingOptions {
  readonly id: NodeId;
  readonly node: Pick<
    RaftNode,
    | 'isLeader'
    | 'propose'
    | 'requestReadIndex'
    | 'stageSnapshot'
    | 'commitSnapshot'
    | 'snapshotRestored'
    | 'log'
    | 'fail'
  >;
  readonly storage: Storage;
  readonly state: StateMachine;
  /** A snapshot is taken when the log's entries exceed this many bytes; -1: never. */
  readonly maxLogBytes: number;
  /** The node's clock, ms since the Unix epoch; what it proposes while it leads is stamped with it. */
  readonly timeOfDay: () => number;
  /** How long the sessions that it registers may be silent, ms of log time. */
  readonly sessionIdleMsMax: number;
  /** Unless given, a snapshot is written as fast as it can be. */
  readonly snapshotPace?: SnapshotPace;
  /** Carries the answer to the request that came with `token`. */
  readonly reply: (token: number, answer: Answer) => void;
}

export class KvServing {
  readonly #options: KvServingOptions;
  readonly #waits = new IndexWaits();
  readonly #queries: QueryWaits;
  /** The node's clock, and what it does for log time while it leads. */
  readonly #time: LeaderTime;
  /** Bytes of commands that wait to be committed. */
  #pendingBytes = 0;

  constructor(options: KvServingOptions) {
    this.#options = options;
    const { node, timeOfDay, state } = options;
    const time = new LeaderTime({ node, timeOfDay, state });
    this.#time = time;
    this.#queries = new QueryWaits({
      query: (asked, asOf) => state.query(asked, asOf),
      now: () => time.now(),
      letPass: (moment) => time.letPass(moment),
    });
  }

  /** The first deadline of what is applied, ms since the Unix epoch; Infinity: there is none. */
  get nextDeadline(): number {
    return this.#options.state.nextDeadline;
  }

  isToCome(deadline: number): boolean {
    return this.#time.isToCome(deadline);
  }

  msUntil(deadline: number): number {
    return this.#time.msUntil(deadline);
  }

  /** Has log time pass the deadline that has come. */
  proposeTick(lastApplied: number): void {
    this.#time.tick(lastApplied);
  }

  tickIsApplied(lastApplied: number): boolean {
    return this.#time.tickIsApplied(lastApplied);
  }

  isOverloaded(): boolean {
    return this.#pendingBytes > pendingBytesMax;
  }

  logIsLarge(lastApplied: number): boolean {
    const { maxLogBytes, node } = this.#options;
    return maxLogBytes >= 0 && node.log.byteLength > maxLogBytes && lastApplied > node.log.snapshotIndex;
  }

  /** Answers every item of a request with the same error. */
  refuse(token: number, items: readonly Item[], leader: NodeId | null, error: KvError): void {
    this.#reply(
      token,
      leader,
      items.map(() => error),
    );
  }

  /** Commands become entries, if this node leads; queries wait for askForReadIndex. */
  take(token: number, items: readonly Item[], leader: NodeId | null): void {
    const { node } = this.#options;
    const now = this.#time.now();
    let bytes = 0;
    for (const item of items) if (item.kind === ItemKind.command) bytes += bytesOf(item);
    this.#pendingBytes += bytes;
    const request = new PendingRequest(items.length, (replies) => {
      this.#pendingBytes -= bytes;
      this.#reply(token, leader, replies);
    });
    if (items.length === 0) this.#reply(token, leader, []);
    const queries: Query[] = [];
    let slot = 0;
    for (const item of items) {
      if (item.kind === ItemKind.query || item.kind === ItemKind.memberQuery) {
        queries.push({ slot, asked: item instanceof OwnQuery ? item.operation : item.body });
      } else this.#propose(item, now, request, slot, leader);
      slot += 1;
    }
    if (queries.length > 0) this.#queries.add(token, request, queries, node.isLeader);
  }

  askForReadIndex(token: number): void {
    if (this.#queries.awaitsReadIndex(token)) this.#options.node.requestReadIndex(token);
  }

  noteReadIndex(tokens: readonly number[], readIndex: number | null, leader: NodeId | null): void {
    if (readIndex === null) this.#queries.refuseUnconfirmed(tokens, notLeader(leader));
    else this.#queries.noteReadIndex(tokens, readIndex);
  }

  apply(entries: readonly Entry[]): void {
    const { state } = this.#options;
    for (const entry of entries) {
      if (entry.service !== kvService || entry.kind === EntryKind.internal) continue;
      this.#waits.settle(entry.index, entry.term, state.apply(entry));
    }
  }

  answerQueries(lastApplied: number, leader: NodeId | null): void {
    if (this.#queries.awaitsApplied) this.#queries.answer(lastApplied, () => notLeader(leader));
  }

  /** Leadership is lost. */
  failWaits(leader: NodeId | null): void {
    this.#waits.failAll();
    this.#queries.refuseConfirmed(notLeader(leader));
    this.#time.forget();
  }

  async restore(snapshot: SnapshotId): Promise<void> {
    const { storage, state, node } = this.#options;
    const stored = storage.snapshot();
    try {
      if (stored) await state.restore(readStoredSnapshot(stored));
      node.snapshotRestored(snapshot.index);
    } catch (error) {
      node.fail(error);
    }
  }

  /** Writes the state of this moment, chunk by chunk, while the service goes on. */
  async takeSnapshot(lastApplied: number): Promise<void> {
    const { node, state, snapshotPace, maxLogBytes } = this.#options;
    const staged = node.stageSnapshot(lastApplied);
    if (!staged) return;
    try {
      snapshotPace?.resume();
      // The first chunk is made at once, so that the view is of this index.
      for (const chunk of state.snapshot()) {
        const added = staged.add(chunk);
        await Promise.all([added, snapshotPace?.rest(node.log.byteLength - maxLogBytes)]);
        snapshotPace?.resume();
      }
      node.commitSnapshot(staged);
    } catch (error) {
      staged.discard();
      node.fail(error);
    }
  }

  /** A registration, or a command. */
  #propose(item: Item, now: number, request: PendingRequest, slot: number, leader: NodeId | null): void {
    const bytes = bytesOf(item);
    if (bytes > entryPayloadBytesMax) {
      request.settle(slot, tooLarge(bytes));
      return;
    }
    const { node, sessionIdleMsMax } = this.#options;
    const isRegistration = item.kind === ItemKind.register;
    const entryKind = isRegistration ? EntryKind.session : EntryKind.command;
    let payload: Uint8Array | Payload;
    try {
      payload = isRegistration ? encodeRegistration(now, sessionIdleMsMax) : stamped(item, now);
    } catch (error) {
      request.settle(slot, new KvError('Err', (error as Error).message));
      return;
    }
    const { index, term, isLeader } = node.propose(payload, entryKind, kvService);
    if (isLeader) {
      this.#time.noteStamp(now);
      this.#waits.at(index, term, request, slot);
    } else request.settle(slot, notLeader(leader));
  }

  #reply(token: number, leader: NodeId | null, replies: readonly Reply[]): void {
    this.#options.reply(token, { server: this.#options.id, leader, replies: boundAnswer(replies) });
  }
}

function bytesOf(item: Item): number {
  return item instanceof OwnCommand ? item.byteLength : item.body.byteLength;
}

/** The command as the log is to hold it. @throws MalformedKvMessage */
function stamped(item: Item, time: number): Uint8Array | Payload {
  if (item instanceof OwnCommand) item.proposedAt = time;
  else stampCommand(item.body, time);
  return item instanceof OwnCommand ? item : item.body;
}

/** No entry of the log could hold it. */
export function tooLarge(bytes: number): KvError {
  return new KvError(
    'Err',
    `a command of ${bytes} bytes is over the limit of ${entryPayloadBytesMax}: split the value`,
  );
}

/** This attempt had no effect; the message is the leader's id, if one is known. */
export function notLeader(leader: NodeId | null): KvError {
  return new KvError('NotLeader', leader ?? '');
}
