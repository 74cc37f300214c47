/** One client's connection: commands in, in order to the service, replies out in the same order. */
import type { Socket } from 'node:net';
import { KvError, type Reply } from '../operation.ts';
import type { FrontBackend, Session } from './backend.ts';
import { CallQueue, type DataCall, LocalCall } from './callQueue.ts';
import type { Client } from './client.ts';
import { type FrontFacts, hasArity, wrongArity } from './command.ts';
import { findCommand, isHttp, unknownCommand } from './commands.ts';
import type { FrontLog } from './log.ts';
import { RespParser } from './parser.ts';
import { ProtocolError } from './protocolError.ts';
import { RepliesTooLong, ReplyWriter, type WireReply } from './writer.ts';

/** What a connection has from its front. */
export interface ConnectionSurroundings {
  readonly backend: FrontBackend;
  readonly facts: FrontFacts;
  readonly log: FrontLog | undefined;
}

export class Connection {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #surroundings: ConnectionSurroundings;
  readonly #parser: RespParser;
  readonly #writer: ReplyWriter;
  readonly #queue = new CallQueue();
  /** Opened with the first command that needs it. */
  #session: Session | undefined;
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
    const { limits } = surroundings.facts;
    this.#socket = socket;
    this.client = client;
    this.#surroundings = surroundings;
    this.#parser = new RespParser(limits);
    this.#writer = new ReplyWriter(limits.unsentBytesMax);
    socket.on('data', (read: Buffer) => this.#take(read));
    socket.on('end', () => this.#finish());
    // The 'close' that follows does what there is to do: a client may go at any time, and how is its own business.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(this.#lingerTimer);
      this.#abandon();
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
    this.#parser.push(read);
    try {
      while (!this.#isOver && this.#parser.next()) this.#queueCommand();
    } catch (error) {
      if (error instanceof ProtocolError) this.#queueLast(new KvError('ERR', error.message));
      else this.#cutOff('its commands could not be read', error);
    }
    this.#pump();
    if (this.#isTooFull(1)) this.#socket.pause();
  }

  #isTooFull(part: number): boolean {
    const { queuedBytesMax, queuedCommandsMax } = this.#surroundings.facts.limits;
    return this.#queue.bytes > queuedBytesMax * part || this.#queue.length > queuedCommandsMax * part;
  }

  #queueCommand(): void {
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
    else if (this.#socket.isPaused() && !this.#isTooFull(0.5)) this.#socket.resume();
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof RepliesTooLong) this.#cutOff('it does not take its replies');
    else this.#cutOff('a command failed in an unforeseen way', error);
  }

  get #isIdle(): boolean {
    return this.#run === undefined && !this.#isThinking && this.#queue.length === 0;
  }

  /** Goes one step on; false if there is nothing to do, or nothing before the replies of a run. */
  #step(): boolean {
    if (this.client.isLeaving || this.#isOver || this.#isThinking) return false;
    if (this.#run !== undefined) return this.#writeReplies();
    if (this.#queue.length === 0) return false;
    const local = this.#queue.takeLocal();
    if (local === undefined) {
      this.#submitRun();
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
    const replies = this.#replies;
    if (replies === undefined) return false;
    if (replies.length !== this.#run?.length) {
      throw new Error(`${replies.length} replies to ${this.#run?.length} operations`);
    }
    this.#run = undefined;
    this.#replies = undefined;
    for (const reply of replies) this.#writer.write(reply);
    return true;
  }

  #submitRun(): void {
    const run = this.#queue.takeRun();
    this.#run = run;
    this.#session ??= this.#surroundings.backend.openSession();
    this.#session.submit(run, (replies) => {
      if (this.#run !== run) return;
      this.#replies ??= replies;
      this.#pump();
    });
  }

  #flush(): void {
    if (this.#writer.length === 0 || this.#isOver) return;
    const { unsentBytesMax } = this.#surroundings.facts.limits;
    if (this.#writer.length + this.#socket.writableLength > unsentBytesMax) {
      throw new RepliesTooLong(`More than ${unsentBytesMax} bytes wait for the client.`);
    }
    this.#socket.write(this.#writer.take());
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
    const { id, address } = this.client;
    this.#surroundings.log?.warn({ client: id, address, err: error }, `Redis client cut off: ${why}`);
    this.#abandon();
    this.#socket.destroy();
  }

  /** Nothing is read or submitted any more. */
  #abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isDeaf = true;
    this.#queue.clear();
    this.#run = undefined;
    this.#replies = undefined;
    this.#session?.close();
  }
}
