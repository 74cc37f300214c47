/** One client's connection: commands in, in order to the service, replies out in the same order. */
import type { Socket } from 'node:net';
import type { Warnings } from '../../runtime/transport/warnings.ts';
import { isWrite, KvError, type Reply } from '../operation.ts';
import type { FrontBackend, Session } from './backend.ts';
import { CallQueue, type DataCall, LocalCall } from './callQueue.ts';
import { type Client, nameClient } from './client.ts';
import { type FrontFacts, hasArity, wrongArity } from './command.ts';
import { findCommand, isHttp, unknownCommand } from './commands.ts';
import type { ClientWarningKind } from './log.ts';
import { Outbox } from './outbox.ts';
import { RespParser } from './parser.ts';
import { ProtocolError } from './protocolError.ts';
import { RepliesTooLong, ReplyWriter, type WireReply } from './writer.ts';

/** What a connection has from its front. */
export interface ConnectionSurroundings {
  readonly backend: FrontBackend;
  readonly facts: FrontFacts;
  readonly warnings: Warnings<ClientWarningKind>;
}

export class Connection {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #surroundings: ConnectionSurroundings;
  readonly #parser: RespParser;
  readonly #writer: ReplyWriter;
  readonly #queue: CallQueue;
  readonly #outbox: Outbox;
  /** Opened with the first command that needs it. */
  #session: Session | undefined;
  /** Reads of the last run that are to be submitted again. */
  #rest: readonly DataCall[] = [];
  /** Bytes of the command that has come in part, as the front counts them. */
  #heldBytes = 0;
  /** The run that the session works on. */
  #run: readonly DataCall[] | undefined;
  /** The run's replies, once they are there. */
  #replies: readonly Reply[] | undefined;
  /** A command of the front takes its time. */
  #isThinking = false;
  #isPumping = false;
  /** No command is read any more: the client said its last, or nonsense, or is to go. */
  #isDeaf = false;
  /** The front has hung up. */
  #isOver = false;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** `onClosed` is called once the socket is closed; nothing of the connection is left then. */
  constructor(socket: Socket, client: Client, surroundings: ConnectionSurroundings, onClosed: () => void) {
    const { facts } = surroundings;
    const { limits } = facts;
    this.#socket = socket;
    this.client = client;
    this.#surroundings = surroundings;
    this.#parser = new RespParser(limits);
    this.#writer = new ReplyWriter(limits.unsentBytesMax);
    this.#queue = new CallQueue(facts.load);
    this.#outbox = new Outbox(socket, facts, () => {
      if (this.#isWaitingForClient) this.#pump();
    });
    socket.setTimeout(limits.idleMsMax);
    socket.on('timeout', () => this.#noteSilence());
    socket.on('data', (read: Buffer) => this.#take(read));
    socket.on('end', () => this.#finish());
    // The 'close' that follows does what there is to do: a client may go at any time, and how is its own business.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(this.#lingerTimer);
      this.#abandon();
      this.#outbox.close();
      onClosed();
    });
  }

  /** Hangs up: what has been written still leaves, a run under way goes on unanswered. */
  close(): void {
    this.#abandon();
    this.#hangUp();
    this.#socket.destroySoon();
  }

  #take(read: Buffer): void {
    if (this.#isDeaf) return;
    const { facts } = this.#surroundings;
    this.client.lastReadAt = facts.now();
    facts.statistics.bytesIn += read.byteLength;
    this.#parser.push(read);
    try {
      while (!this.#isOver && this.#parser.next()) this.#queueCommand();
    } catch (error) {
      if (error instanceof ProtocolError) this.#queueLast(new KvError('ERR', error.message));
      else this.#cutOff('its commands could not be read', error);
    }
    this.#countHeld();
    this.#pump();
    if (this.#isTooFull(1)) this.#socket.pause();
  }

  /** A command that comes in parts holds memory, too, and cannot wait for its turn. */
  #countHeld(): void {
    const { load, limits } = this.#surroundings.facts;
    const held = this.#isDeaf ? 0 : this.#parser.heldBytes;
    const more = held - this.#heldBytes;
    load.queuedBytes += more;
    this.#heldBytes = held;
    const isTooMuch = more > 0 && load.queuedBytes > limits.queuedBytesOfAllMax;
    // With commands of its own before it, the connection just is not read for a while.
    if (!isTooMuch || this.#queue.length > 0) return;
    this.#queueLast(new KvError('Overloaded', 'Too many commands are under way: connect again in a moment.'));
    this.#countHeld();
  }

  #isTooFull(part: number): boolean {
    const { limits, load } = this.#surroundings.facts;
    const { bytes, length } = this.#queue;
    if (bytes > limits.queuedBytesMax * part || length > limits.queuedCommandsMax * part) return true;
    return length > 0 && load.queuedBytes > limits.queuedBytesOfAllMax;
  }

  /** Commands wait until the client has read more of its replies. */
  get #isWaitingForClient(): boolean {
    return this.#run === undefined && !this.#isIdle;
  }

  /** Nothing came or left for the time that was set. */
  #noteSilence(): void {
    if (this.#isOver) return;
    const { unsentBytes } = this.#outbox;
    if (unsentBytes > 0 && this.#isWaitingForClient) {
      this.#cutOff(`it takes none of ${unsentBytes} bytes of replies`);
    } else if (this.#isIdle && this.#surroundings.facts.limits.idleMsMax > 0) {
      this.#hangUp();
    }
  }

  #queueCommand(): void {
    this.#surroundings.facts.statistics.commands += 1;
    const { name, args, byteLength: bytes } = this.#parser;
    const command = findCommand(name);
    if (command === undefined) {
      if (isHttp(name)) {
        this.#cutOff('it speaks HTTP');
        return;
      }
      this.#queueReply(unknownCommand(name, args), bytes);
    } else if (!hasArity(command, args.length + 1)) {
      this.#queueReply(wrongArity(command.name), bytes);
    } else if ('code' in command) {
      const refusal = command.refuse?.(args);
      if (refusal === undefined) this.#queue.push({ code: command.code, args, bytes });
      else this.#queueReply(refusal, bytes);
    } else {
      const { client } = this;
      const { facts } = this.#surroundings;
      this.#queue.push(new LocalCall(() => command.answer(args, client, facts), bytes));
    }
  }

  #queueReply(reply: WireReply, bytes: number): void {
    this.#queue.push(new LocalCall(() => reply, bytes));
  }

  /** A reply behind those to all commands before, and then the end. */
  #queueLast(reply: WireReply): void {
    this.#isDeaf = true;
    const answer = (): WireReply => {
      this.client.isLeaving = true;
      return reply;
    };
    this.#queue.push(new LocalCall(answer, 0));
  }

  /** Gives every call its turn until one has to be waited for; what was answered meanwhile leaves in one write. */
  #pump(): void {
    if (this.#isPumping || this.#isOver) return;
    this.#isPumping = true;
    this.#guarded(() => {
      while (this.#step());
      this.#flush();
    });
    this.#isPumping = false;
    if (this.#isOver) return;
    if (this.client.isLeaving || (this.#isDeaf && this.#isIdle)) this.#hangUp();
    else this.#attend();
  }

  /** Reads on if there is room; watches a client that has to read before its next command is carried out. */
  #attend(): void {
    const { limits } = this.#surroundings.facts;
    const silenceMsMax = this.#isWaitingForClient ? limits.unsentMsMax : limits.idleMsMax;
    if (this.#socket.timeout !== silenceMsMax) this.#socket.setTimeout(silenceMsMax);
    if (this.#socket.isPaused() && !this.#isTooFull(0.5)) this.#socket.resume();
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof RepliesTooLong)
      this.#cutOff('it asked for more at once than it may leave unread', error);
    else this.#cutOff('a command failed in an unforeseen way', error);
  }

  get #isIdle(): boolean {
    const isWorking = this.#run !== undefined || this.#isThinking;
    return !isWorking && this.#rest.length === 0 && this.#queue.length === 0;
  }

  /** Goes one step on; false if there is nothing to do, or nothing before the replies of a run. */
  #step(): boolean {
    if (this.client.isLeaving || this.#isOver || this.#isThinking) return false;
    if (this.#run !== undefined) return this.#writeReplies();
    if (this.#isIdle || this.#outbox.isFull(this.#writer.length)) return false;
    if (this.#rest.length > 0) {
      this.#submitRun(this.#rest);
      return true;
    }
    const local = this.#queue.takeLocal();
    if (local === undefined) {
      this.#submitRun(this.#queue.takeRun());
    } else {
      const reply = local.answer();
      if (reply instanceof Promise) this.#awaitReply(reply);
      else this.#writeLocal(reply);
    }
    return true;
  }

  #writeLocal(reply: WireReply): void {
    // The reply to HELLO is already in the version that it asked for.
    this.#writer.protocol = this.client.protocol;
    this.#write(reply);
  }

  #write(reply: WireReply): void {
    if (reply instanceof KvError) this.#surroundings.facts.statistics.errors += 1;
    this.#writer.write(reply);
  }

  #awaitReply(thinking: Promise<WireReply>): void {
    this.#isThinking = true;
    const goOn = (write: () => void): void => {
      this.#isThinking = false;
      if (this.#isOver) return;
      this.#guarded(write);
      this.#pump();
    };
    thinking.then(
      (reply) => goOn(() => this.#writeLocal(reply)),
      (error: unknown) => goOn(() => this.#fail(error)),
    );
  }

  #writeReplies(): boolean {
    const run = this.#run;
    const replies = this.#replies;
    if (run === undefined || replies === undefined) return false;
    const [first] = run;
    const mayBeFewer = first !== undefined && !isWrite(first.code) && replies.length > 0;
    if (replies.length > run.length || (replies.length < run.length && !mayBeFewer)) {
      throw new Error(`${replies.length} replies to ${run.length} operations`);
    }
    this.#run = undefined;
    this.#replies = undefined;
    this.#rest = replies.length < run.length ? run.slice(replies.length) : [];
    const { statistics } = this.#surroundings.facts;
    replies.forEach((reply, at) => {
      const call = run[at];
      if (call !== undefined) statistics.noteKeys(call, reply);
      this.#write(reply);
    });
    return true;
  }

  #submitRun(run: readonly DataCall[]): void {
    this.#run = run;
    this.#rest = [];
    this.#session ??= this.#surroundings.backend.openSession();
    this.#session.submit(run, (replies) => {
      if (this.#run !== run) return;
      this.#replies ??= replies;
      this.#pump();
    });
  }

  #flush(): void {
    if (this.#writer.length === 0 || this.#isOver) return;
    this.#outbox.send(this.#writer.take());
  }

  /** The client will say no more; it may still wait for replies. */
  #finish(): void {
    this.#isDeaf = true;
    if (this.#isOver) this.#socket.destroySoon();
    else this.#pump();
  }

  /**
   * Ends the connection from this side and lets the client do the same: closing a socket whose input has not been read
   * resets the connection, and the last reply might be lost with it.
   */
  #hangUp(): void {
    if (this.#lingerTimer !== undefined) return;
    this.#abandon();
    this.#socket.end();
    if (this.#socket.readableEnded) this.#socket.destroySoon();
    this.#socket.resume();
    const { lingerMs } = this.#surroundings.facts.limits;
    this.#lingerTimer = setTimeout(() => this.#socket.destroy(), lingerMs);
  }

  /** Ends the connection at once. */
  #cutOff(why: string, error?: unknown): void {
    const { warnings, facts } = this.#surroundings;
    const { address } = this.client;
    facts.statistics.cutOff += 1;
    const detail = error instanceof Error ? ` (${error.message})` : '';
    const message = `Redis client ${nameClient(this.client)} cut off: ${why}${detail}.`;
    warnings.warn('clientCutOff', address.slice(0, address.lastIndexOf(':')), message, address);
    this.#abandon();
    this.#socket.destroy();
  }

  /** Nothing is read or submitted any more. */
  #abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isDeaf = true;
    this.#queue.clear();
    this.#surroundings.facts.load.queuedBytes -= this.#heldBytes;
    this.#heldBytes = 0;
    this.#rest = [];
    this.#run = undefined;
    this.#replies = undefined;
    this.#session?.close();
  }
}
