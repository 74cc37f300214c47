/** What comes in from one client: bytes that become commands, which wait for their turn. */
import { KvError } from '../operation.ts';
import { CallQueue, LocalCall } from './callQueue.ts';
import { type Client, isConfined } from './client.ts';
import { type DataCommand, type FrontFacts, hasArity, type LocalCommand, operationOf } from './command.ts';
import { findCommand, isHttp, unknownCommand } from './commands.ts';
import { notForSubscribers, wrongArity } from './errorReplies.ts';
import { RespParser } from './parser.ts';
import { ProtocolError } from './protocolError.ts';
import { notAllowed, Transaction } from './transaction.ts';
import type { WireReply } from './writer.ts';

/** Who sends this must not be listened to any further. */
export class NoRedisClient extends Error {
  readonly code = 'NoRedisClient';
  override readonly name = 'NoRedisClient';
}

export class Inbox {
  readonly queue: CallQueue;
  /** No command is read any more: the client said its last, or nonsense, or is to go. */
  isDeaf = false;
  readonly #client: Client;
  readonly #facts: FrontFacts;
  readonly #parser: RespParser;
  readonly #transaction: Transaction;
  /** The commands that follow are not read before the last one has had its turn: what they mean depends on it. */
  #isHeld = false;
  /** Bytes of the command that has come in part, as the front counts them. */
  #heldBytes = 0;

  constructor(client: Client, facts: FrontFacts) {
    this.#client = client;
    this.#facts = facts;
    this.#parser = new RespParser(facts.limits);
    this.queue = new CallQueue(facts.load);
    this.#transaction = new Transaction(facts);
  }

  /** Takes the memory of `read` over. @throws NoRedisClient */
  take(read: Buffer): void {
    this.#client.lastReadAt = this.#facts.now();
    this.#facts.statistics.bytesIn += read.byteLength;
    this.#parser.push(read);
    this.#readOn();
  }

  /** Reads on behind a command that has had its turn; false if there was none to wait for, or nothing has come. */
  goOn(): boolean {
    if (!this.#isHeld || this.queue.length > 0) return false;
    this.#readOn();
    return this.queue.length > 0;
  }

  #readOn(): void {
    this.#isHeld = false;
    try {
      while (!this.#isHeld && this.#parser.next()) this.#queueCommand();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#queueLast(new KvError('ERR', error.message));
    }
    this.#countHeld();
  }

  /** The client is not to be read until there is room; `part`: of what it may have waiting by itself. */
  isTooFull(part: number): boolean {
    const { limits, load } = this.#facts;
    if (this.#isHeld) return true;
    const { bytes, length } = this.queue;
    if (bytes > limits.queuedBytesMax * part || length > limits.queuedCommandsMax * part) return true;
    return length > 0 && load.queuedBytes > limits.queuedBytesOfAllMax;
  }

  close(): void {
    this.isDeaf = true;
    this.queue.clear();
    this.#transaction.close();
    this.#facts.load.queuedBytes -= this.#heldBytes;
    this.#heldBytes = 0;
  }

  /** A command that comes in parts holds memory, too, and cannot wait for its turn. */
  #countHeld(): void {
    const { load, limits } = this.#facts;
    const held = this.isDeaf ? 0 : this.#parser.heldBytes;
    const more = held - this.#heldBytes;
    load.queuedBytes += more;
    this.#heldBytes = held;
    const isTooMuch = more > 0 && load.queuedBytes > limits.queuedBytesOfAllMax;
    // With commands of its own before it, the connection just is not read for a while.
    if (!isTooMuch || this.queue.length > 0) return;
    this.#queueLast(new KvError('Overloaded', 'Too many commands are under way: connect again in a moment.'));
    this.#countHeld();
  }

  #queueCommand(): void {
    const facts = this.#facts;
    const client = this.#client;
    facts.statistics.commands += 1;
    const { name, args, byteLength: bytes } = this.#parser;
    const command = findCommand(name);
    if (command === undefined && isHttp(name)) throw new NoRedisClient('it speaks HTTP');
    if (command === undefined || !hasArity(command, args.length + 1)) {
      if (command) facts.statistics.ofCommands.noteRejected(command.name);
      const refusal = command ? wrongArity(command.name) : unknownCommand(name, args);
      this.queue.push(this.#transaction.refuse(command, refusal, bytes));
      return;
    }
    const isLocal = 'answer' in command;
    const isSubscriber = isConfined(client);
    this.#isHeld = isSubscriber || (isLocal && command.mayConfine === true);
    if (isSubscriber && !(isLocal && command.isForSubscribers)) {
      this.queue.push(this.#transaction.refuse(command, notForSubscribers(command.name), bytes));
    } else if ('control' in command) {
      this.queue.push(this.#transaction.control(command.control, args, bytes));
    } else if (this.#transaction.isOpen && !(isLocal && command.endsTransaction)) {
      this.#queueInTransaction(command, args, bytes);
    } else if (isLocal) {
      const answer = (): WireReply | Promise<WireReply> => command.answer(args, client, facts);
      const { endsTransaction } = command;
      const { name } = command;
      this.queue.push(
        endsTransaction ? this.#transaction.forget(answer) : new LocalCall(answer, bytes, name),
      );
    } else {
      this.#queueData(command, args, bytes);
    }
  }

  #queueInTransaction(command: DataCommand | LocalCommand, args: readonly Uint8Array[], bytes: number): void {
    if (command.flags.includes('no_multi')) {
      this.queue.push(this.#transaction.refuse(command, notAllowed, bytes));
    } else {
      this.#queueReply(this.#transaction.add(command, args, bytes, this.#client), bytes);
    }
  }

  #queueData(command: DataCommand, args: readonly Uint8Array[], bytes: number): void {
    const { name } = command;
    const wrong = command.refuse?.(args);
    if (wrong !== undefined) {
      this.#facts.statistics.ofCommands.noteRejected(name);
      this.#queueReply(wrong, bytes);
      return;
    }
    const { code, args: all } = operationOf(command, args);
    if (command.shape) {
      this.queue.push({ name, code, args: all, bytes, shape: command.shape(args, this.#facts) });
    } else this.queue.push({ name, code, args: all, bytes });
  }

  #queueReply(reply: WireReply, bytes: number): void {
    this.queue.push(new LocalCall(() => reply, bytes));
  }

  /** A reply behind those to all commands before, and then the end. */
  #queueLast(reply: WireReply): void {
    this.isDeaf = true;
    const answer = (): WireReply => {
      this.#client.isLeaving = true;
      return reply;
    };
    this.queue.push(new LocalCall(answer, 0));
  }
}
