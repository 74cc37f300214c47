/**
 * Exactly once (dissertation, section 6.3): which commands of each session have taken effect, and the replies that their
 * clients may not have seen. Part of the state machine: the same on every node, and in every snapshot.
 */
import { KvError, type Reply } from './operation.ts';
import type { SessionStamp } from './wire.ts';

/** Sessions kept; beyond it the one that has been silent for the most log entries ends. */
const sessionsMax = 100_000;

export interface Session {
  /** The last command that took effect. */
  last: number;
  readonly replies: Map<number, Reply>;
}

export class Sessions {
  /** In the order of their last command, so that the most silent comes first. */
  readonly #sessions = new Map<number, Session>();

  get size(): number {
    return this.#sessions.size;
  }

  /** A session's id is the log index of its registration. */
  register(index: number): void {
    this.#sessions.set(index, { last: 0, replies: new Map() });
    if (this.#sessions.size <= sessionsMax) return;
    const [oldest] = this.#sessions.keys();
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  close(id: number): void {
    this.#sessions.delete(id);
  }

  /** Executes a command unless it has taken effect already, and gives the reply of the one time that it did. */
  once({ session: id, sequence, seenThrough }: SessionStamp, execute: () => Reply): Reply {
    const session = this.#sessions.get(id);
    if (!session) {
      return new KvError('SessionExpired', `Session ${id} is unknown or has expired: register a new one.`);
    }
    this.#sessions.delete(id);
    this.#sessions.set(id, session);
    for (const seen of session.replies.keys()) {
      if (seen > seenThrough) break;
      session.replies.delete(seen);
    }
    if (sequence <= session.last) {
      return (
        session.replies.get(sequence) ??
        new KvError('Seen', `Command ${sequence} of session ${id} took effect, and its reply was seen.`)
      );
    }
    if (sequence > session.last + 1) {
      return new KvError(
        'SequenceGap',
        `Command ${sequence} of session ${id} follows ${session.last}: resend the ones between.`,
      );
    }
    const reply = execute();
    session.last = sequence;
    session.replies.set(sequence, reply);
    return reply;
  }

  entries(): IterableIterator<[number, Session]> {
    return this.#sessions.entries();
  }

  restore(id: number, session: Session): void {
    this.#sessions.set(id, session);
  }

  clear(): void {
    this.#sessions.clear();
  }
}
