/** Writes that begin at a steady pace, however long others take: they show how long a system answers none. */
import type { Channel } from './channel.ts';
import type { ProbeJob, Silence } from './job.ts';
import { openChannels } from './openChannels.ts';

export class Probe {
  readonly #job: ProbeJob;
  #channels: Channel[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lastAt = performance.now();
  #longestMs = 0;
  #answered = 0;
  #turn = 0;

  constructor(job: ProbeJob) {
    this.#job = job;
  }

  async begin(): Promise<void> {
    const { protocol, targets, underWayMax, valueBytes, everyMs } = this.#job;
    let key = 0;
    const nextKey = () => {
      key = (key + 1) % 1000;
      return key;
    };
    const clients = protocol === 'redis' ? underWayMax * targets.length : targets.length;
    const depth = protocol === 'redis' ? 1 : underWayMax;
    this.#channels = await openChannels(
      { protocol, targets, clients, depth },
      { command: 'set', valueBytes, nextKey },
      // A write that fails is one that is not answered; that is what is measured.
      { answered: () => this.#note(), failed: () => {}, freed: () => {} },
    );
    this.watchSilence();
    this.#timer = setInterval(() => this.#sendEach(targets.length), everyMs);
  }

  watchSilence(): void {
    this.#lastAt = performance.now();
    this.#longestMs = 0;
    this.#answered = 0;
  }

  silence(): Silence {
    const currentMs = performance.now() - this.#lastAt;
    return { longestMs: Math.max(this.#longestMs, currentMs), currentMs, answered: this.#answered };
  }

  end(): void {
    clearInterval(this.#timer);
    for (const channel of this.#channels) channel.close();
  }

  /** One to each target: channels are dealt to targets in turn. */
  #sendEach(targets: number): void {
    for (let target = 0; target < targets; target += 1) {
      for (let place = 0; place < this.#channels.length; place += targets) {
        const channel = this.#channels[target + ((place + this.#turn * targets) % this.#channels.length)];
        if (!channel || channel.free === 0) continue;
        channel.send();
        channel.flush();
        break;
      }
    }
    this.#turn += 1;
  }

  #note(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#lastAt);
    this.#lastAt = now;
    this.#answered += 1;
  }
}
