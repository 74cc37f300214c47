/**
 * Exactly once (dissertation, section 6.3): which commands of each session have taken effect, and the replies that their
 * clients may not have seen. Part of the state machine: the same on every node, and in every snapshot. A session that is
 * silent for too long ends, by log time.
 */
import { Deadlines } from './deadlines.ts';
import { sessionLimits } from './limits.ts';
import type { LogTime } from './logTime.ts';
import { KvError, type Reply } from './operation.ts';
import { ownReply, replyBytes } from './replyFormat.ts';
import { UsageOrder, type Used } from './usageOrder.ts';
import type { SessionStamp } from './wire.ts';

class Session implements Used<Session> {
  readonly id: number;
  /** The last command that took effect. */
  last: number;
  /** How long it may be silent, ms of log time. */
  readonly idleMsMax: number;
  /** When it ends, unless it is used before; ms of log time. */
  deadline: number;
  /** The number of the deadline. */
  due: number;
  /** To the last commands, one after the other, as far as the client may not have seen them. */
  replies: Reply[];
  /** What the replies count for. */
  bytes = 0;
  /** The number of the last view that has all it needs of it. */
  view: number;
  before: Session | undefined = undefined;
  after: Session | undefined = undefined;

  constructor(id: number, { last, idleMsMax, deadline, replies }: SessionImage, due: number, view: number) {
    this.id = id;
    this.last = last;
    this.idleMsMax = idleMsMax;
    this.deadline = deadline;
    this.due = due;
    this.replies = [...replies.values()];
    this.view = view;
  }
}

/** What a snapshot keeps of a session. */
export interface SessionImage extends Pick<Session, 'last' | 'idleMsMax' | 'deadline'> {
  /** By the sequences of their commands, which follow one another up to the last. */
  readonly replies: ReadonlyMap<number, Reply>;
}

export class Sessions {
  readonly #time: LogTime;
  readonly #limits: typeof sessionLimits;
  readonly #sessions = new Map<number, Session>();
  /** By their last command: the most silent comes first. */
  readonly #order = new UsageOrder<Session>();
  readonly #deadlines = new Deadlines<number>();
  /** What the replies of all sessions count for. */
  #bytes = 0;
  /** Numbers the views. */
  #views = 0;
  /** While a view is open: what it has not read yet and was changed since. */
  #kept: Map<number, SessionImage> | undefined;

  /** `limits` are part of the state machine: those of all nodes are equal. */
  constructor(time: LogTime, limits = sessionLimits) {
    this.#time = time;
    this.#limits = limits;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** What all replies that are kept count for, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first session ends, ms of log time; Infinity: there is none. */
  get nextDeadline(): number {
    return this.#deadlines.first;
  }

  /** A session's id is the log index of its registration. */
  register(id: number, idleMsMax: number): void {
    this.restore(id, { last: 0, idleMsMax, deadline: this.#endOf(idleMsMax), replies: new Map() });
    this.#evict();
  }

  close(id: number): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    this.#order.remove(session);
    this.#deadlines.remove(session.due);
    this.#bytes -= session.bytes;
  }

  /** Executes a command unless it has taken effect already, and gives the reply of the one time that it did. */
  once({ session: id, sequence, seenThrough }: SessionStamp, execute: () => Reply): Reply {
    const session = this.#sessions.get(id);
    if (!session || session.deadline <= this.#time.now) {
      return new KvError('SessionExpired', `Session ${id} is unknown or has expired: register a new one.`);
    }
    this.#keepForView(id, session);
    this.#keep(id, session);
    this.#forgetReplies(session, seenThrough);
    if (sequence <= session.last) {
      const reply = session.replies[sequence - firstKept(session)];
      // A reply may be null: nothing was found, or the condition did not hold.
      if (reply !== undefined) return reply;
      return new KvError('Seen', `Command ${sequence} of session ${id} took effect, and its reply was seen.`);
    }
    if (sequence > session.last + 1) {
      return new KvError(
        'SequenceGap',
        `Command ${sequence} of session ${id} follows ${session.last}: resend the ones between.`,
      );
    }
    if (session.bytes >= this.#limits.unseenBytesMax) {
      return new KvError(
        'RepliesUnseen',
        `${session.bytes} bytes of replies are kept for session ${id}: say which were seen, and resend.`,
      );
    }
    const reply = ownReply(execute());
    session.last = sequence;
    if (session.replies.length > 0) session.replies.push(reply);
    // Most sessions keep one: a list made of it has no room for more.
    else session.replies = [reply];
    this.#count(session, this.#weigh(reply));
    this.#evict();
    return reply;
  }

  /** Ends at most `max` sessions whose time is over. */
  removeExpired(max: number): void {
    for (let removed = 0; removed < max; removed += 1) {
      const id = this.#deadlines.firstKey;
      if (id === undefined || this.#deadlines.first > this.#time.now) return;
      this.close(id);
    }
  }

  /** The sessions of this moment, to be read at leisure and once. One view at a time; `close` ends it. */
  openView(): { readonly entries: Iterable<readonly [number, SessionImage]>; close(): void } {
    if (this.#kept) throw new Error('A view of the sessions is open already: close it first.');
    const kept = new Map<number, SessionImage>();
    this.#kept = kept;
    this.#views += 1;
    return {
      entries: readView([...this.#order], this.#views, kept),
      close: () => {
        if (this.#kept === kept) this.#kept = undefined;
      },
    };
  }

  /** Takes over a session; the one that was silent for longest comes first. */
  restore(id: number, image: SessionImage): void {
    const session = new Session(id, image, this.#deadlines.add(id, image.deadline), this.#views);
    this.#sessions.set(id, session);
    this.#order.add(session);
    for (const reply of session.replies) this.#count(session, this.#weigh(reply));
  }

  clear(): void {
    this.#kept = undefined;
    this.#sessions.clear();
    this.#order.clear();
    this.#deadlines.clear();
    this.#bytes = 0;
  }

  #keepForView(id: number, session: Session): void {
    if (!this.#kept || session.view === this.#views) return;
    session.view = this.#views;
    this.#kept.set(id, imageOf(session));
  }

  /** It is being used: it is the least silent one, and its time begins anew. */
  #keep(id: number, session: Session): void {
    this.#order.touch(session);
    const deadline = this.#endOf(session.idleMsMax);
    if (deadline === session.deadline) return;
    this.#deadlines.remove(session.due);
    session.deadline = deadline;
    session.due = this.#deadlines.add(id, deadline);
  }

  /** Rounded up, so that a busy session moves to another place among the deadlines once in a while only. */
  #endOf(idleMsMax: number): number {
    const { deadlineStepMs } = this.#limits;
    return Math.ceil((this.#time.now + idleMsMax) / deadlineStepMs) * deadlineStepMs;
  }

  #forgetReplies(session: Session, seenThrough: number): void {
    const { replies } = session;
    const seen = Math.min(seenThrough - firstKept(session) + 1, replies.length);
    if (seen <= 0) return;
    for (let at = 0; at < seen; at += 1) this.#count(session, -this.#weigh(replies[at] ?? null));
    session.replies = seen < replies.length ? replies.slice(seen) : [];
  }

  #weigh(reply: Reply): number {
    return replyBytes(reply) + this.#limits.replyOverheadBytes;
  }

  #count(session: Session, bytes: number): void {
    session.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Ends the most silent sessions as long as there are too many, or too much is kept for them. */
  #evict(): void {
    const { sessionsMax, repliesBytesMax } = this.#limits;
    const { first } = this.#order;
    // The last one is the one that is being used.
    if (!first || this.#sessions.size === 1) return;
    if (this.#sessions.size <= sessionsMax && this.#bytes <= repliesBytesMax) return;
    this.close(first.id);
    this.#evict();
  }
}

function* readView(
  sessions: readonly Session[],
  view: number,
  kept: Map<number, SessionImage>,
): Generator<readonly [number, SessionImage], void, void> {
  for (const session of sessions) {
    const { id } = session;
    const image = kept.get(id);
    kept.delete(id);
    session.view = view;
    yield [id, image ?? imageOf(session)];
  }
}

/** The sequence of the command that the first reply is to. */
function firstKept({ last, replies }: Session): number {
  return last - replies.length + 1;
}

function imageOf(session: Session): SessionImage {
  const { last, idleMsMax, deadline, replies } = session;
  const first = firstKept(session);
  return {
    ...{ last, idleMsMax, deadline },
    replies: new Map(replies.map((reply, at) => [first + at, reply])),
  };
}
