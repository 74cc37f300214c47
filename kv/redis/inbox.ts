/** What comes in from one client: bytes that become commands, which wait for their turn. */
import { KvError } from '../operation.ts';
import { CallQueue, LocalCall } from './callQueue.ts';
import type { Client } from './client.ts';
import { type FrontFacts, hasArity, wrongArity } from './command.ts';
import { findCommand, isHttp, unknownCommand } from './commands.ts';
import { RespParser } from './parser.ts';
import { ProtocolError } from './protocolError.ts';
import { Transaction } from './transaction.ts';
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
    try {
      while (this.#parser.next()) this.#queueCommand();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#queueLast(new KvError('ERR', error.message));
    }
    this.#countHeld();
  }

  /** The client is not to be read until there is room; `part`: of what it may have waiting by itself. */
  isTooFull(part: number): boolean {
    const { limits, load } = this.#facts;
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
      const refusal = command ? wrongArity(command.name) : unknownCommand(name, args);
      this.queue.push(this.#transaction.refuse(command, refusal, bytes));
    } else if ('control' in command) {
      this.queue.push(this.#transaction.control(command.control, args, bytes));
    } else if (this.#transaction.isOpen && !('answer' in command && command.endsTransaction)) {
      this.#queueReply(this.#transaction.add(command, args, bytes, client), bytes);
    } else if ('code' in command) {
      const wrong = command.refuse?.(args);
      const all = command.complete ? [...args, ...command.complete()] : args;
      if (wrong === undefined) this.queue.push({ code: command.code, args: all, bytes });
      else this.#queueReply(wrong, bytes);
    } else {
      const answer = (): WireReply | Promise<WireReply> => command.answer(args, client, facts);
      const { endsTransaction } = command;
      this.queue.push(endsTransaction ? this.#transaction.forget(answer) : new LocalCall(answer, bytes));
    }
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
