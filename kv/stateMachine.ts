/** The replicated state machine: applies commands in log order, answers queries from what is applied. */
import { type Entry, EntryKind } from '../machines/entry.ts';
import { type Audience, nobody } from './audience.ts';
import { Keyspace } from './keyspace.ts';
import { expiredPerEntryMax } from './limits.ts';
import { LogTime } from './logTime.ts';
import { KvError, type Operation, OperationCode, ok, type Reply } from './operation.ts';
import { answer } from './reads.ts';
import { Sessions } from './sessions.ts';
import { readSnapshot, type SnapshotParts, writeSnapshot } from './snapshotFormat.ts';
import { runTransaction } from './transaction.ts';
import { asBuffer, decodeCommand, decodeEntryHeader, decodeQuery, decodeRegistration } from './wire.ts';
import { execute } from './writes.ts';

export class StateMachine {
  readonly #time = new LogTime();
  readonly #keyspace = new Keyspace(this.#time);
  readonly #sessions = new Sessions(this.#time);
  #audience = nobody;
  /** The last of the entries that nobody hears of; undefined: they have been applied. */
  #quietThrough: Pick<Entry, 'index' | 'term'> | undefined;
  #isRestoring = false;

  /** Log time, ms since the Unix epoch. */
  get time(): number {
    return this.#time.now;
  }

  /** The first deadline of a key or a session that is still in memory, ms of log time; Infinity: there is none. */
  get nextDeadline(): number {
    return Math.min(this.#keyspace.nextDeadline, this.#sessions.nextDeadline);
  }

  /** The number of keys that have a deadline. */
  get deadlines(): number {
    return this.#keyspace.deadlines;
  }

  /** The number of keys. */
  get keys(): number {
    return this.#keyspace.size;
  }

  /** The names of the keys, one character to a byte; keys may come and go meanwhile. */
  keyNames(): Iterable<string> {
    return this.#keyspace.inOrder(0);
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Who hears of what is applied from now on, in the order of the log. Nobody hears of what a snapshot brings. */
  listen(audience: Audience): void {
    this.#audience = audience;
    this.#seat();
  }

  /** Nobody is to hear of the entries of a log that ends with this one: they were told of when they were applied before. */
  keepQuietThrough(last: Pick<Entry, 'index' | 'term'>): void {
    this.#quietThrough = last;
    this.#seat();
  }

  /** The reply of an entry of this service. An entry that cannot be read is answered with an error on every node alike. */
  apply(entry: Entry): Reply {
    if (this.#quietThrough) this.#endQuietAt(entry);
    try {
      const payload = asBuffer(entry.payload);
      const { code, proposedAt } = decodeEntryHeader(payload);
      this.#time.pass(proposedAt);
      this.#keyspace.index = entry.index;
      this.#keyspace.removeExpired(expiredPerEntryMax);
      this.#sessions.removeExpired(expiredPerEntryMax);
      if (entry.kind === EntryKind.session) {
        this.#sessions.register(entry.index, decodeRegistration(payload));
        return entry.index;
      }
      if (code === OperationCode.tick) return ok;
      const command = decodeCommand(payload);
      if (command.code === OperationCode.closeSession) {
        this.#sessions.close(command.session);
        return ok;
      }
      const { args } = command;
      return this.#sessions.once(command, () =>
        command.code === OperationCode.exec
          ? runTransaction(this.#keyspace, this.#time.now, args)
          : execute(this.#keyspace, this.#time.now, command),
      );
    } catch (error) {
      return new KvError('Err', (error as Error).message);
    }
  }

  /**
   * Answers a query from what has been applied, as of `time` (ms since the Unix epoch) if log time is behind it;
   * undefined if a key's deadline lies between the two: log time must pass it first.
   */
  query(asked: Operation | Uint8Array, time = 0): Reply | undefined {
    try {
      const operation = asked instanceof Uint8Array ? decodeQuery(asked) : asked;
      return answer(this.#keyspace, Math.max(time, this.#time.now), operation);
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
    this.#isRestoring = true;
    this.#seat();
    this.#time.restore(0);
    this.#keyspace.clear();
    this.#sessions.clear();
    await readSnapshot(chunks, this.#parts);
    this.#isRestoring = false;
    this.#seat();
  }

  #seat(): void {
    this.#keyspace.audience = this.#isRestoring || this.#quietThrough ? nobody : this.#audience;
  }

  /** An entry of a later term stands where one that was never committed stood before. */
  #endQuietAt({ index, term }: Entry): void {
    const last = this.#quietThrough;
    if (last && index <= last.index && term <= last.term) return;
    this.#quietThrough = undefined;
    this.#seat();
  }

  get #parts(): SnapshotParts {
    return { time: this.#time, keyspace: this.#keyspace, sessions: this.#sessions };
  }
}
