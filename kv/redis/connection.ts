/** One client's connection: commands in, in order to the service, replies out in the same order. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Warnings } from '../../runtime/transport/warnings.ts';
import { isWrite, KvError, type Reply } from '../operation.ts';
import type { FrontBackend, Session } from './backend.ts';
import type { DataCall } from './callQueue.ts';
import type { Subscriber } from './channels.ts';
import { type Client, nameClient } from './client.ts';
import type { FrontFacts } from './command.ts';
import { Inbox, NoRedisClient } from './inbox.ts';
import { scratchBytes, slowMicroseconds } from './limits.ts';
import type { ClientWarningKind } from './log.ts';
import { Outbox } from './outbox.ts';
import { Subscriptions } from './subscriptions.ts';
import { type ProtocolVersion, RepliesTooLong, ReplyWriter, type WireReply } from './writer.ts';

/** What a connection has from its front. */
export interface ConnectionSurroundings {
  readonly backend: FrontBackend;
  readonly facts: FrontFacts;
  readonly warnings: Warnings<ClientWarningKind>;
}

export class Connection implements Subscriber {
  readonly client: Client;
  readonly #socket: Socket;
  readonly #surroundings: ConnectionSurroundings;
  readonly #writer: ReplyWriter;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  /** Opened with the first command that needs it. */
  #session: Session | undefined;
  /** Reads of the last run that are to be submitted again. */
  #rest: readonly DataCall[] = [];
  /** The run that the session works on. */
  #run: readonly DataCall[] | undefined;
  /** ms on the clock of `performance.now()` */
  #runStartedAt = 0;
  /** The run's replies, once they are there. */
  #replies: readonly Reply[] | undefined;
  /** A command of the front takes its time. */
  #isThinking = false;
  #isPumping = false;
  /** The front has hung up. */
  #isOver = false;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** `onClosed` is called once the socket is closed; nothing of the connection is left then. */
  constructor(
    socket: Socket,
    client: Omit<Client, 'subscriptions'>,
    surroundings: ConnectionSurroundings,
    onClosed: () => void,
  ) {
    const { facts } = surroundings;
    const { limits } = facts;
    this.#socket = socket;
    this.client = { ...client, subscriptions: new Subscriptions(facts, this) };
    this.#surroundings = surroundings;
    this.#writer = new ReplyWriter(limits.unsentBytesMax);
    this.#inbox = new Inbox(this.client, facts);
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

  get protocol(): ProtocolVersion {
    return this.client.protocol;
  }

  /** A message that the client is subscribed to: between two replies, and never within one. */
  push(message: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#outbox.isFull(this.#writer.length + message.byteLength)) {
      this.#cutOff(`it takes none of ${this.#outbox.unsentBytes} bytes that it is subscribed to`);
      return;
    }
    this.#guarded(() => {
      if (message.byteLength < scratchBytes) this.#writer.writeEncoded(message);
      else {
        // A long one is not copied for each of many.
        this.flush();
        this.#outbox.send(message);
      }
      if (this.#writer.length >= scratchBytes) this.flush();
    });
  }

  /** Sends what has been written. */
  flush(): void {
    if (this.#writer.length === 0 || this.#isOver) return;
    try {
      this.#outbox.send(this.#writer.take());
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(read: Buffer): void {
    if (this.#inbox.isDeaf) return;
    try {
      this.#inbox.take(read);
    } catch (error) {
      if (error instanceof NoRedisClient) this.#fail(error);
      else this.#cutOff('its commands could not be read', error);
    }
    this.#pump();
    if (this.#inbox.isTooFull(1)) this.#socket.pause();
  }

  /** Commands wait until the client has read more of its replies. */
  get #isWaitingForClient(): boolean {
    return this.#run === undefined && !this.#isThinking && !this.#isIdle;
  }

  /** What the next command waited for has been taken at once. */
  get #isToGoOn(): boolean {
    return this.#isWaitingForClient && !this.#isOver && !this.client.isLeaving && !this.#outbox.isFull(0);
  }

  /** Nothing came or left for the time that was set. */
  #noteSilence(): void {
    if (this.#isOver) return;
    const { unsentBytes } = this.#outbox;
    const isSubscribed = this.client.subscriptions.size > 0;
    if (unsentBytes > 0 && this.#isWaitingForClient) {
      this.#cutOff(`it takes none of ${unsentBytes} bytes of replies`);
    } else if (this.#isIdle && !isSubscribed && this.#surroundings.facts.limits.idleMsMax > 0) {
      this.#hangUp();
    }
  }

  /** Gives every call its turn until one has to be waited for; what was answered meanwhile leaves in one write. */
  #pump(): void {
    if (this.#isPumping || this.#isOver) return;
    this.#isPumping = true;
    // Here and in flush without a function for #guarded: for each command one would be made.
    try {
      do {
        do while (this.#step());
        while (this.#inbox.goOn());
        this.flush();
      } while (this.#isToGoOn);
    } catch (error) {
      this.#fail(error);
    }
    this.#isPumping = false;
    if (this.#isOver) return;
    if (this.client.isLeaving || (this.#inbox.isDeaf && this.#isIdle)) this.#hangUp();
    else this.#attend();
  }

  /** Reads on if there is room; watches a client that has to read before its next command is carried out. */
  #attend(): void {
    const { limits } = this.#surroundings.facts;
    const silenceMsMax = this.#isWaitingForClient ? limits.unsentMsMax : limits.idleMsMax;
    if (this.#socket.timeout !== silenceMsMax) this.#socket.setTimeout(silenceMsMax);
    if (this.#socket.isPaused() && !this.#inbox.isTooFull(0.5)) this.#socket.resume();
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof NoRedisClient) this.#cutOff(error.message);
    else if (error instanceof RepliesTooLong)
      this.#cutOff('it asked for more at once than it may leave unread', error);
    else this.#cutOff('a command failed in an unforeseen way', error);
  }

  get #isIdle(): boolean {
    const isWorking = this.#run !== undefined || this.#isThinking;
    return !isWorking && this.#rest.length === 0 && this.#inbox.queue.length === 0;
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
    const local = this.#inbox.queue.takeLocal();
    if (local === undefined) {
      this.#submitRun(this.#inbox.queue.takeRun());
    } else {
      const startedAt = performance.now();
      const reply = local.answer();
      if (reply instanceof Promise) this.#awaitReply(reply, local.name, startedAt);
      else this.#writeLocal(reply, local.name, startedAt);
    }
    return true;
  }

  #writeLocal(reply: WireReply, name: string | undefined, startedAt: number): void {
    if (name !== undefined) this.#noteCall(name, [], (performance.now() - startedAt) * 1000, reply);
    // The reply to HELLO is already in the version that it asked for.
    this.#writer.protocol = this.client.protocol;
    this.#write(reply);
  }

  #write(reply: WireReply): void {
    if (reply instanceof KvError) this.#surroundings.facts.statistics.errors += 1;
    this.#writer.write(reply);
  }

  #awaitReply(thinking: Promise<WireReply>, name: string | undefined, startedAt: number): void {
    this.#isThinking = true;
    const goOn = (write: () => void): void => {
      this.#isThinking = false;
      if (this.#isOver) return;
      this.#guarded(write);
      this.#pump();
    };
    thinking.then(
      (reply) => goOn(() => this.#writeLocal(reply, name, startedAt)),
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
    const microseconds = (performance.now() - this.#runStartedAt) * 1000;
    for (let at = 0; at < replies.length; at += 1) {
      const reply = replies[at] ?? null;
      const call = run[at];
      if (call !== undefined) {
        statistics.noteKeys(call, reply);
        this.#noteCall(call.name, call.args, microseconds, reply);
      }
      this.#write(call?.shape ? call.shape(reply) : reply);
    }
    return true;
  }

  #noteCall(name: string, args: readonly Uint8Array[], microseconds: number, reply: WireReply): void {
    const { statistics, now } = this.#surroundings.facts;
    statistics.ofCommands.noteCall(name, microseconds, reply);
    if (microseconds >= slowMicroseconds) {
      statistics.slowLog.add(name, args, microseconds, this.client, now());
    }
  }

  #submitRun(run: readonly DataCall[]): void {
    this.#run = run;
    this.#runStartedAt = performance.now();
    this.#rest = [];
    this.#session ??= this.#surroundings.backend.openSession();
    this.#session.submit(run, this.#takeReplies);
  }

  readonly #takeReplies = (replies: readonly Reply[]): void => {
    // Once the connection is over there is no run, and none follows.
    if (this.#run === undefined) return;
    this.#replies ??= replies;
    this.#pump();
  };

  /** The client will say no more; it may still wait for replies. */
  #finish(): void {
    this.#inbox.isDeaf = true;
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
    this.client.subscriptions.clear();
    this.#inbox.close();
    this.#rest = [];
    this.#run = undefined;
    this.#replies = undefined;
    this.#session?.close();
  }
}
