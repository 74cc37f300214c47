/** The replicated state machine: applies commands in log order, answers queries from what is applied. */
import { type Entry, EntryKind } from '../machines/entry.ts';
import { LogTime } from './logTime.ts';
import { KvError, type Operation, OperationCode, ok, type Reply } from './operation.ts';
import { Sessions } from './sessions.ts';
import { readSnapshot, type SnapshotParts, writeSnapshot } from './snapshotFormat.ts';
import { keyOf, Store } from './store.ts';
import { decodeCommand, decodeEntryHeader, decodeQuery } from './wire.ts';

const nothing = new Uint8Array(0);

export class StateMachine {
  readonly #time = new LogTime();
  readonly #store = new Store();
  readonly #sessions = new Sessions();

  /** Log time, ms since the Unix epoch. */
  get time(): number {
    return this.#time.now;
  }

  /** The number of keys. */
  get keys(): number {
    return this.#store.size;
  }

  /** The names of the keys, one character to a byte; keys may come and go meanwhile. */
  keyNames(): Iterable<string> {
    return this.#store.keys();
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** The reply of an entry of this service. An entry that cannot be read is answered with an error on every node alike. */
  apply(entry: Entry): Reply {
    try {
      const { code, proposedAt } = decodeEntryHeader(entry.payload);
      this.#time.pass(proposedAt);
      if (entry.kind === EntryKind.session) {
        this.#sessions.register(entry.index);
        return entry.index;
      }
      if (code === OperationCode.tick) return ok;
      const command = decodeCommand(entry.payload);
      if (command.code === OperationCode.closeSession) {
        this.#sessions.close(command.session);
        return ok;
      }
      return this.#sessions.once(command, () => this.#execute(command));
    } catch (error) {
      return new KvError('Err', (error as Error).message);
    }
  }

  /** Answers a query from what has been applied. */
  query(body: Uint8Array): Reply {
    try {
      return this.#answer(decodeQuery(body));
    } catch (error) {
      return new KvError('Err', (error as Error).message);
    }
  }

  /** The state of this moment in chunks; writes may go on while they are taken. */
  snapshot(): Generator<Uint8Array, void, void> {
    return writeSnapshot(this.#parts);
  }

  /** Replaces the state by a snapshot's. */
  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#time.restore(0);
    this.#store.clear();
    this.#sessions.clear();
    await readSnapshot(chunks, this.#parts);
  }

  get #parts(): SnapshotParts {
    return { time: this.#time, store: this.#store, sessions: this.#sessions };
  }

  #execute({ code, args }: Operation): Reply {
    const [first = nothing, second = nothing] = args;
    switch (code) {
      case OperationCode.put:
        // Values outlive their entry, whose memory goes with the log.
        this.#store.set(keyOf(first), second.slice());
        return ok;
      case OperationCode.append: {
        const key = keyOf(first);
        const value = concatenate(this.#store.get(key) ?? nothing, second);
        this.#store.set(key, value);
        return value.byteLength;
      }
      case OperationCode.del: {
        let deleted = 0;
        for (const key of args) if (this.#store.delete(keyOf(key))) deleted += 1;
        return deleted;
      }
      default:
        return new KvError('Err', `operation ${code} is no write that this version knows`);
    }
  }

  #answer({ code, args }: Operation): Reply {
    const [first = nothing] = args;
    switch (code) {
      case OperationCode.get:
        return this.#store.get(keyOf(first)) ?? null;
      case OperationCode.exists:
        return args.filter((key) => this.#store.get(keyOf(key)) !== undefined).length;
      case OperationCode.strlen:
        return this.#store.get(keyOf(first))?.byteLength ?? 0;
      case OperationCode.mget:
        return args.map((key) => this.#store.get(keyOf(key)) ?? null);
      default:
        return new KvError('Err', `operation ${code} is no read that this version knows`);
    }
  }
}

function concatenate(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.byteLength + tail.byteLength);
  joined.set(head);
  joined.set(tail, head.byteLength);
  return joined;
}
