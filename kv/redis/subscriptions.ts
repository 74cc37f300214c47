/** What one connection is subscribed to. */
import type { KvError } from '../operation.ts';
import type { Channels, Subscriber } from './channels.ts';
import { error } from './errorReplies.ts';
import type { FrontLoad } from './frontLoad.ts';
import type { FrontLimits } from './limits.ts';

export type SubscriptionKind = 'channel' | 'pattern';

/** What a subscription takes besides its name, here and at the node. */
const overheadBytes = 200;

export interface SubscriptionSurroundings {
  readonly channels: Channels;
  readonly limits: FrontLimits;
  readonly load: FrontLoad;
}

export class Subscriptions {
  readonly #surroundings: SubscriptionSurroundings;
  readonly #subscriber: Subscriber;
  /** Names, one character to a byte. */
  readonly #names = { channel: new Set<string>(), pattern: new Set<string>() } as const;
  #bytes = 0;
  /** Channels and patterns together. */
  size = 0;

  constructor(surroundings: SubscriptionSurroundings, subscriber: Subscriber) {
    this.#surroundings = surroundings;
    this.#subscriber = subscriber;
  }

  get channels(): number {
    return this.#names.channel.size;
  }

  get patterns(): number {
    return this.#names.pattern.size;
  }

  names(kind: SubscriptionKind): readonly string[] {
    return [...this.#names[kind]];
  }

  /** Why it cannot be; a name that is subscribed to already stays so. */
  add(kind: SubscriptionKind, name: string): KvError | undefined {
    const { load } = this.#surroundings;
    if (this.#names[kind].has(name)) return undefined;
    const bytes = name.length + overheadBytes;
    const refusal = this.#refuse(kind, name, bytes) ?? this.#enter(kind, name);
    if (refusal) return refusal;
    this.#names[kind].add(name);
    this.size += 1;
    this.#bytes += bytes;
    load.subscribedBytes += bytes;
    return undefined;
  }

  remove(kind: SubscriptionKind, name: string): void {
    const { channels, load } = this.#surroundings;
    if (!this.#names[kind].delete(name)) return;
    if (kind === 'channel') channels.remove(name, this.#subscriber);
    else channels.removePattern(name, this.#subscriber);
    const bytes = name.length + overheadBytes;
    this.size -= 1;
    this.#bytes -= bytes;
    load.subscribedBytes -= bytes;
  }

  clear(): void {
    for (const kind of ['channel', 'pattern'] as const) {
      for (const name of this.names(kind)) this.remove(kind, name);
    }
  }

  #enter(kind: SubscriptionKind, name: string): KvError | undefined {
    const { channels } = this.#surroundings;
    if (kind === 'pattern') return channels.addPattern(name, this.#subscriber);
    channels.add(name, this.#subscriber);
    return undefined;
  }

  #refuse(kind: SubscriptionKind, name: string, bytes: number): KvError | undefined {
    const { channels, limits, load } = this.#surroundings;
    if (this.#bytes + bytes > limits.subscribedBytesMax) {
      return error(`what this client subscribes to is over the limit of ${limits.subscribedBytesMax} bytes`);
    }
    if (load.subscribedBytes + bytes > limits.subscribedBytesOfAllMax) {
      return error(
        `what all clients subscribe to is over the limit of ${limits.subscribedBytesOfAllMax} bytes`,
      );
    }
    if (kind === 'channel' || channels.patterns < limits.patternsMax || channels.hasPattern(name)) {
      return undefined;
    }
    return error(`all clients together may subscribe to ${limits.patternsMax} patterns`);
  }
}
