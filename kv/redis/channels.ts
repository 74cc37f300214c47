/**
 * The channels of one node: who is subscribed to them, and what is said on them. Messages come from what the node applies:
 * those of PUBLISH, and, where it is switched on, one or two for each change of a key. They are only noted while an entry
 * is applied, and sent when the event loop is free for it; what was applied together leaves in one write.
 */
import type { Audience, KeyEvent } from '../audience.ts';
import { matcherOf } from '../keyspaceReads.ts';
import { KvError } from '../operation.ts';
import { keyOf } from '../store/store.ts';
import type { EventFlags } from './eventFlags.ts';
import { type ProtocolVersion, Push, ReplyWriter, type WireReply } from './writer.ts';

/** A connection, as its channels see it. */
export interface Subscriber {
  readonly protocol: ProtocolVersion;
  /** Takes a message, which leaves with `flush`. */
  push(message: Uint8Array): void;
  flush(): void;
}

interface Pattern {
  readonly matches: (channel: string) => boolean;
  readonly subscribers: Set<Subscriber>;
}

interface Message {
  /** One character to a byte. */
  readonly channel: string;
  readonly body: Uint8Array;
}

export class Channels {
  readonly #listen: (audience: Audience) => void;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #patterns = new Map<string, Pattern>();
  /** An entry of the log bounds what a message holds. */
  readonly #writer = new ReplyWriter(Number.POSITIVE_INFINITY);
  #flags: EventFlags;
  #messages: Message[] = [];

  /** `listen`: has an audience hear of what the node applies. */
  constructor(listen: (audience: Audience) => void, flags: EventFlags) {
    this.#listen = listen;
    this.#flags = flags;
  }

  get flags(): EventFlags {
    return this.#flags;
  }

  set flags(flags: EventFlags) {
    this.#flags = flags;
    this.#listenIfAsked();
  }

  /** The channels that somebody is subscribed to by their name. */
  names(): IterableIterator<string> {
    return this.#channels.keys();
  }

  /** How many are subscribed to a channel by its name. */
  subscribersOf(channel: string): number {
    return this.#channels.get(channel)?.size ?? 0;
  }

  get count(): number {
    return this.#channels.size;
  }

  /** Different patterns. */
  get patterns(): number {
    return this.#patterns.size;
  }

  /** How many times a message on a channel is told, by its name and by patterns. */
  receiversOf(channel: string): number {
    let receivers = this.subscribersOf(channel);
    for (const { matches, subscribers } of this.#patterns.values()) {
      if (matches(channel)) receivers += subscribers.size;
    }
    return receivers;
  }

  add(channel: string, subscriber: Subscriber): void {
    this.#send();
    const subscribers = this.#channels.get(channel);
    if (subscribers) subscribers.add(subscriber);
    else this.#channels.set(channel, new Set([subscriber]));
    this.#listenIfAsked();
  }

  remove(channel: string, subscriber: Subscriber): void {
    this.#send();
    const subscribers = this.#channels.get(channel);
    if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#channels.delete(channel);
    this.#listenIfAsked();
  }

  /** Why the pattern cannot be taken. */
  addPattern(pattern: string, subscriber: Subscriber): KvError | undefined {
    this.#send();
    let known = this.#patterns.get(pattern);
    if (!known) {
      const matches = matcherOf(Buffer.from(pattern, 'latin1'));
      if (matches instanceof KvError) return matches;
      known = { matches, subscribers: new Set() };
      this.#patterns.set(pattern, known);
    }
    known.subscribers.add(subscriber);
    this.#listenIfAsked();
    return undefined;
  }

  removePattern(pattern: string, subscriber: Subscriber): void {
    this.#send();
    const subscribers = this.#patterns.get(pattern)?.subscribers;
    if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#patterns.delete(pattern);
    this.#listenIfAsked();
  }

  hasPattern(pattern: string): boolean {
    return this.#patterns.has(pattern);
  }

  /** Where nobody is subscribed, or no change is to be told, the node applies as if there were no channels. */
  #listenIfAsked(): void {
    const { onKeyspace, onKeyevent, events } = this.#flags;
    const isHeard = this.#channels.size + this.#patterns.size > 0;
    const tellsKeys = isHeard && (onKeyspace || onKeyevent) && events.size > 0;
    this.#listen({
      keyChanged: tellsKeys ? (event, key) => this.#noteChange(event, key) : undefined,
      published: isHeard ? (channel, body) => this.#note({ channel: keyOf(channel), body }) : undefined,
    });
  }

  #noteChange(event: KeyEvent, key: string): void {
    const { onKeyspace, onKeyevent, events } = this.#flags;
    if (!events.has(event)) return;
    if (onKeyspace) this.#note({ channel: `__keyspace@0__:${key}`, body: Buffer.from(event) });
    if (onKeyevent) this.#note({ channel: `__keyevent@0__:${event}`, body: Buffer.from(key, 'latin1') });
  }

  #note(message: Message): void {
    if (this.#messages.push(message) === 1) queueMicrotask(() => this.#send());
  }

  /** Also before anything is subscribed to, or no longer: a message is for those who were when it was applied. */
  #send(): void {
    const messages = this.#messages;
    this.#messages = [];
    const told = new Set<Subscriber>();
    for (const { channel, body } of messages) {
      const name = Buffer.from(channel, 'latin1');
      const subscribers = this.#channels.get(channel);
      if (subscribers) this.#tell(subscribers, ['message', name, body], told);
      for (const [pattern, { matches, subscribers }] of this.#patterns) {
        if (matches(channel)) {
          this.#tell(subscribers, ['pmessage', Buffer.from(pattern, 'latin1'), name, body], told);
        }
      }
    }
    for (const subscriber of told) subscriber.flush();
  }

  /** Each version of the protocol is written once, however many are told. */
  #tell(subscribers: ReadonlySet<Subscriber>, elements: readonly WireReply[], told: Set<Subscriber>): void {
    const encoded: { 2?: Uint8Array; 3?: Uint8Array } = {};
    // One that is cut off over it leaves the set meanwhile.
    for (const subscriber of subscribers) {
      const { protocol } = subscriber;
      encoded[protocol] ??= this.#encode(protocol, elements);
      subscriber.push(encoded[protocol]);
      told.add(subscriber);
    }
  }

  #encode(protocol: ProtocolVersion, elements: readonly WireReply[]): Uint8Array {
    this.#writer.protocol = protocol;
    this.#writer.write(new Push(elements));
    return this.#writer.take();
  }
}
