/** One node in a test's hands: its disk finishes when the test says so, its messages are caught, its peers are the test. */
import type { Subject } from 'rxjs';
import type { Configuration } from '../../../machines/configuration.ts';
import { writeEntry } from '../../../machines/entry.ts';
import type {
  AppendEntriesReply,
  AppendEntriesRequest,
  RaftMessage,
  RaftReply,
  RaftRequest,
  RequestVoteRequest,
} from '../../../machines/messages.ts';
import type { HardState, Storage, StoredState, WriteGroup } from '../../../machines/ports.ts';
import type { RaftOptions } from '../../../machines/raft.context.ts';
import { SeededRandom } from '../../../machines/random.ts';
import { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import { RaftNode } from '../../../runtime/raftNode.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';
import { MemoryStagedSnapshot, MemoryStoredSnapshot } from '../../../runtime/storage/memorySnapshot.ts';

/** A snapshot in the node's hands: what is read after its release is no snapshot of anything. */
class HandedSnapshot extends MemoryStoredSnapshot {
  isReleased = false;

  override async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.isReleased) throw new Error(`The snapshot of index ${this.index} is read after its release.`);
    return super.read(offset, length);
  }

  override release(): void {
    this.isReleased = true;
  }
}

/** A disk that is as slow as the test wants. */
export class HandDisk implements Storage {
  readonly recovered: StoredState;
  /** Every group that was given to it. */
  readonly groups: WriteGroup[] = [];
  /** Durable at once, without waiting for `finish`. */
  isFast = false;
  /** The durable snapshot. */
  stored: MemoryStoredSnapshot | undefined;
  readonly #handed: HandedSnapshot[] = [];
  #done: ((error?: Error) => void) | undefined;

  constructor(recovered: Partial<StoredState> = {}) {
    this.recovered = { term: 0, votedFor: null, snapshot: { index: 0, term: 0 }, entries: [], ...recovered };
  }

  write(group: WriteGroup, done: (error?: Error) => void): void {
    this.groups.push(group);
    this.#done = done;
    if (this.isFast) this.finish();
  }

  get isWriting(): boolean {
    return this.#done !== undefined;
  }

  /** The write under way is durable, or failed. */
  finish(error?: Error): void {
    const done = this.#done;
    this.#done = undefined;
    const staged = this.groups.at(-1)?.snapshot as MemoryStagedSnapshot | undefined; // made by stageSnapshot
    if (staged && !error) this.stored = new MemoryStoredSnapshot(staged, staged.bytes());
    done?.(error);
  }

  /** The term and vote that were last given to it. */
  get hardState(): HardState | undefined {
    return this.groups.findLast((group) => group.hardState)?.hardState;
  }

  snapshot() {
    if (!this.stored) return undefined;
    const handed = new HandedSnapshot(this.stored, this.stored.bytes);
    this.#handed.push(handed);
    return handed;
  }
  /** The indexes of the snapshots that the node holds. */
  get held(): number[] {
    return this.#handed.filter(({ isReleased }) => !isReleased).map(({ index }) => index);
  }
  stageSnapshot(id: { index: number; term: number }) {
    return new MemoryStagedSnapshot(id);
  }
  async close() {}
}

export interface Harness {
  readonly node: RaftNode;
  readonly disk: HandDisk;
  readonly clock: VirtualClock;
  /** Requests that the node sent, with the calls to answer. */
  readonly sent: { readonly to: string; readonly callId: number; readonly request: RaftRequest }[];
  /** Replies that left, by token. */
  readonly replies: Map<number, RaftReply>;
  /** Hands a request in; its reply, if it leaves, stands in `replies` under the token that is returned. */
  receive(request: RaftRequest): number;
  /** Answers the latest request of a type to a peer. */
  answer(to: string, reply: RaftReply): void;
  pass(ms: number): Promise<void>;
  /** Makes it leader of term 1 with everything durable, its votes and first heartbeats taken. */
  elect(): Promise<void>;
}

/** The node n1 of a cluster n1, n2, n3, or another one. */
export function harness(
  recovered?: Partial<StoredState>,
  raft: Partial<RaftOptions> = {},
  configuration: Configuration = { voters: ['n1', 'n2', 'n3'], learners: [] },
): Harness {
  const clock = new VirtualClock();
  const disk = new HandDisk(recovered);
  const sent: Harness['sent'][number][] = [];
  const replies = new Map<number, RaftReply>();
  let tokens = 0;
  const node = new RaftNode({
    ...{ id: 'n1', group: 0, configuration },
    ...{ storage: disk, clock, random: new SeededRandom(1), scheduling: virtualScheduling, raft },
    sendRequest: (to, callId, request) => sent.push({ to, callId, request }),
    sendReply: (token, reply) => replies.set(token, reply),
  });
  node.start();
  const self: Harness = {
    ...{ node, disk, clock, sent, replies },
    receive(request) {
      tokens += 1;
      node.receive(tokens, request);
      return tokens;
    },
    answer(to, reply) {
      const type = reply.type.replace('Reply', '');
      const call = sent.findLast((item) => item.to === to && item.request.type === type);
      if (!call) throw new Error(`Nothing of type ${type} was sent to ${to}.`);
      node.replied(call.callId, reply);
    },
    pass: async (ms) => void (await clock.run(clock.now() + ms)),
    async elect() {
      disk.isFast = true;
      await clock.run(1000, () => sent.some(({ request }) => request.type === 'preVote'));
      self.answer('n2', preVoteGranted(node.term + 1));
      await self.pass(0);
      self.answer('n2', voteGranted(node.term));
      await self.pass(0);
      disk.isFast = false;
    },
  };
  return self;
}

const from = 'n2';
const group = 0;

export const preVoteGranted = (term: number, voter = from): RaftReply => ({
  ...{ type: 'preVoteReply', group, term, from: voter, voteGranted: true },
});

export const voteGranted = (term: number, voter = from): RaftReply => ({
  ...{ type: 'requestVoteReply', group, term, from: voter, voteGranted: true },
});

export const voteRequest = (term: number, about: Partial<RequestVoteRequest> = {}): RequestVoteRequest => ({
  ...{ type: 'requestVote', group, term, from, lastLogIndex: 0, lastLogTerm: 0, leadershipTransfer: false },
  ...about,
});

/** Entries behind (prevLogIndex, prevLogTerm), one for each term given. */
export function entriesRequest(
  term: number,
  [prevLogIndex, prevLogTerm]: readonly [number, number],
  terms: readonly number[] = [],
  about: Partial<AppendEntriesRequest> = {},
): AppendEntriesRequest {
  return {
    ...{ type: 'appendEntries', group, term, from, prevLogIndex, prevLogTerm, leaderCommit: 0, round: 0 },
    entries: block(prevLogIndex + 1, terms),
    ...about,
  };
}

export function block(firstIndex: number, terms: readonly number[]) {
  const payload = new TextEncoder().encode('x');
  const bytes = new Uint8Array(terms.length * 25);
  let offset = 0;
  terms.forEach((term, i) => {
    offset = writeEntry(bytes, offset, { index: firstIndex + i, term, kind: 0, service: 0, payload });
  });
  return { firstIndex, count: terms.length, bytes };
}

export const matched = (term: number, matchIndex: number, voter = from, round = 0): AppendEntriesReply => ({
  ...{ type: 'appendEntriesReply', group, term, from: voter, success: true, matchIndex },
  ...{ conflictIndex: 0, conflictTerm: 0, round },
});

/** Everything that a stream carries from now on. */
export function record<T>(stream: Subject<T>): T[] {
  const items: T[] = [];
  stream.subscribe((item) => items.push(item));
  return items;
}

export type { RaftMessage };
