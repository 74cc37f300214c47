/**
 * What one connection says between MULTI and EXEC, and the keys that it watches. The commands are gathered as they come in;
 * watches are set and used when their turn comes, behind the replies to all that was said before.
 */
import { KvError, OperationCode, ok, type Reply, Status } from '../operation.ts';
import { transactionOf } from '../transaction.ts';
import { encodeQuery } from '../wire.ts';
import { type DataCall, LocalCall } from './callQueue.ts';
import type { Client } from './client.ts';
import {
  type Command,
  type DataCommand,
  type FrontFacts,
  type LocalCommand,
  operationOf,
  type TransactionCommand,
} from './command.ts';
import { error } from './errorReplies.ts';
import { noList, type WireReply } from './writer.ts';

/** A command for the service. */
interface SaidToService {
  readonly name: string;
  /** Encoded: its arguments are views of memory that is not to be held on to. */
  readonly body: Uint8Array;
  readonly shape: ((reply: Reply) => WireReply) | undefined;
}

/** What is no command for the service is one of the front. */
type Said = SaidToService | (() => WireReply | Promise<WireReply>);

const queued = new Status('QUEUED');
const aborted = new KvError('EXECABORT', 'Transaction discarded because of previous errors.');
export const notAllowed = error('Command not allowed inside a transaction');
const overloaded = new KvError('Overloaded', 'Too much is held for transactions: try again in a moment.');

/** What a command that is queued, or a key that is watched, takes besides its bytes. */
const thingBytes = 64;

export class Transaction {
  readonly #facts: FrontFacts;
  /** Since MULTI; undefined: none has begun. */
  #said: Said[] | undefined;
  /** A command could not be taken, so that none is to take effect. */
  #isSpoiled = false;
  /** Bytes of what was said. */
  #bytes = 0;
  /** Keys, one character to a byte, with the versions that they had. */
  readonly #watched = new Map<string, number>();
  #watchedBytes = 0;

  constructor(facts: FrontFacts) {
    this.#facts = facts;
  }

  /** Commands are queued, not carried out. */
  get isOpen(): boolean {
    return this.#said !== undefined;
  }

  /** A command cannot be taken, so that none of the transaction will be. EXEC itself ends it, as in Redis. */
  refuse(command: Command | undefined, refusal: KvError, bytes: number): LocalCall {
    if (command?.name === 'exec') {
      const why = new KvError('EXECABORT', `Transaction discarded because of: ${refusal.message}`);
      return this.forget(() => why);
    }
    this.#isSpoiled = this.isOpen;
    return new LocalCall(() => refusal, bytes);
  }

  /** Queues a command; what the client is told. */
  add(
    command: DataCommand | LocalCommand,
    args: readonly Uint8Array[],
    argBytes: number,
    client: Client,
  ): WireReply {
    const { limits, load } = this.#facts;
    const bytes = argBytes + thingBytes;
    const isTooMuch = this.#bytes + bytes > limits.transactionBytesMax;
    if (isTooMuch || (this.#said?.length ?? 0) >= limits.transactionCommandsMax) {
      this.#isSpoiled = true;
      return error(
        `a transaction holds up to ${limits.transactionCommandsMax} commands, ${limits.transactionBytesMax} bytes`,
      );
    }
    if (load.transactionBytes + bytes > limits.transactionBytesOfAllMax) {
      this.#isSpoiled = true;
      return overloaded;
    }
    this.#said?.push(this.#encode(command, args, client));
    this.#bytes += bytes;
    load.transactionBytes += bytes;
    return queued;
  }

  /** Carries out a command of transactions, as soon as its turn has come. */
  control(
    control: TransactionCommand['control'],
    args: readonly Uint8Array[],
    bytes: number,
  ): DataCall | LocalCall {
    const reply = (answer: WireReply): LocalCall => new LocalCall(() => answer, bytes);
    const { isOpen } = this;
    switch (control) {
      case 'multi':
        if (isOpen) return reply(error('MULTI calls can not be nested'));
        this.#said = [];
        return reply(ok);
      case 'watch':
        return isOpen ? reply(error('WATCH inside MULTI is not allowed')) : this.#watch(args, bytes);
      case 'unwatch':
        if (!isOpen) return this.forget(() => ok);
        this.#said?.push(() => ok);
        return reply(queued);
      case 'discard':
        return isOpen ? this.forget(() => ok) : reply(error('DISCARD without MULTI'));
      case 'exec':
        return isOpen ? this.#exec() : reply(error('EXEC without MULTI'));
    }
  }

  /** What was said does not count; the watches go when its turn comes. */
  forget(answer: () => WireReply | Promise<WireReply>): LocalCall {
    this.#take();
    return new LocalCall(() => {
      this.#unwatch();
      return answer();
    }, 0);
  }

  close(): void {
    this.#take();
    this.#unwatch();
  }

  #encode(command: DataCommand | LocalCommand, args: readonly Uint8Array[], client: Client): Said {
    const keep = (): readonly Uint8Array[] => args.map((arg) => Uint8Array.from(arg));
    if ('answer' in command) {
      const kept = keep();
      return () => command.answer(kept, client, this.#facts);
    }
    return {
      name: command.name,
      body: encodeQuery(operationOf(command, args)),
      shape: command.shape?.(keep(), this.#facts),
    };
  }

  #exec(): DataCall | LocalCall {
    const isSpoiled = this.#isSpoiled;
    const bytes = this.#bytes;
    const said = this.#take();
    if (isSpoiled) {
      return this.forget(() => aborted);
    }
    const commands = said.flatMap((one) => (typeof one === 'function' ? [] : [one.body]));
    return {
      ...{ name: 'exec', code: OperationCode.exec, args: [], bytes },
      prepare: () => {
        const operation = transactionOf(this.#watched, commands);
        this.#unwatch();
        return operation;
      },
      shape: (reply) => {
        if (reply === null) return noList;
        return isList(reply) ? this.#merge(said, reply) : reply;
      },
    };
  }

  #watch(keys: readonly Uint8Array[], bytes: number): DataCall {
    return {
      ...{ name: 'watch', code: OperationCode.versions, args: keys, bytes },
      shape: (reply) => {
        if (!isList(reply)) return reply;
        for (const [at, key] of keys.entries()) {
          if (!this.#note(Buffer.from(key).toString('latin1'), Number(reply[at]))) {
            return error(
              `the keys that are watched are over the limit of ${this.#facts.limits.watchedBytesMax} bytes`,
            );
          }
        }
        return ok;
      },
    };
  }

  /** False: there is no room for it. A key that is watched already keeps the version that it had first. */
  #note(key: string, version: number): boolean {
    const { limits, load } = this.#facts;
    if (this.#watched.has(key)) return true;
    const bytes = key.length + thingBytes;
    if (this.#watchedBytes + bytes > limits.watchedBytesMax) return false;
    if (load.transactionBytes + bytes > limits.transactionBytesOfAllMax) return false;
    this.#watched.set(key, version);
    this.#watchedBytes += bytes;
    load.transactionBytes += bytes;
    return true;
  }

  /** What was said, which is forgotten with this. */
  #take(): readonly Said[] {
    const said = this.#said ?? [];
    this.#said = undefined;
    this.#isSpoiled = false;
    this.#facts.load.transactionBytes -= this.#bytes;
    this.#bytes = 0;
    return said;
  }

  #unwatch(): void {
    this.#watched.clear();
    this.#facts.load.transactionBytes -= this.#watchedBytes;
    this.#watchedBytes = 0;
  }

  /** The replies in the order in which the commands were said; the front's own are made now. */
  #merge(said: readonly Said[], replies: readonly Reply[]): WireReply {
    const { ofCommands } = this.#facts.statistics;
    let next = 0;
    return said.map((one): WireReply => {
      if (typeof one !== 'function') {
        const reply = replies[next] ?? null;
        next += 1;
        // Its time is that of EXEC.
        ofCommands.noteCall(one.name, 0, reply);
        return one.shape ? one.shape(reply) : reply;
      }
      const reply = one();
      // The others cannot wait for it.
      return reply instanceof Promise ? notAllowed : reply;
    });
  }
}

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}
