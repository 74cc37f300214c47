/** A load where each client sends its next request when it has the answer to the last. */
import { setTimeout as delay } from 'node:timers/promises';
import { LatencyHistogram } from '../measure/latencyHistogram.ts';
import { busySeconds, cpuSeconds } from '../measure/processTimes.ts';
import type { Channel } from './channel.ts';
import type { LoadJob, LoadResult } from './job.ts';
import { openChannels } from './openChannels.ts';

/** What is under way at the end is not counted, but must be answered for the next round to begin on a quiet system. */
const drainMsMax = 10_000;

export async function closedLoop(job: LoadJob, finish: AbortSignal): Promise<LoadResult> {
  const run = new Run(job);
  const channels = await openChannels(job, { ...job, nextKey: keySequence(job) }, run);
  try {
    run.begin(channels);
    await run.during(job.warmUpMs, finish);
    const before = usage(job);
    const begun = performance.now();
    run.latencies = new LatencyHistogram();
    await run.during(job.measureMs, finish);
    const { latencies } = run;
    const seconds = (performance.now() - begun) / 1000;
    const after = usage(job);
    run.latencies = undefined;
    await run.drain();
    const serverCpu = after.servers.map((used, place) => used - (before.servers[place] ?? 0));
    const knownCpu = [...serverCpu, after.load - before.load, after.bystanders - before.bystanders];
    return {
      ...{ operations: latencies.count, errors: run.errors, seconds },
      ...(run.error !== undefined && { error: run.error }),
      ...{ p50Ms: latencies.percentile(0.5), p99Ms: latencies.percentile(0.99) },
      ...{ p999Ms: latencies.percentile(0.999), maxMs: latencies.maxMs },
      ...{ serverCpu, loadCpu: after.load - before.load },
      othersCpu: Math.max(0, after.busy - before.busy - knownCpu.reduce((sum, cpu) => sum + cpu, 0)),
    };
  } finally {
    for (const channel of channels) channel.close();
  }
}

/** The clients of a load, and what they have heard. */
class Run {
  latencies: LatencyHistogram | undefined;
  errors = 0;
  error: string | undefined;
  #underWay = 0;
  #isOver = false;
  #answered = 0;
  readonly #operationsMax: number;
  readonly #depth: number;
  readonly #ended = new AbortController();
  #onDrained: () => void = () => {};

  constructor({ operationsMax = Number.POSITIVE_INFINITY, depth, protocol }: LoadJob) {
    this.#operationsMax = operationsMax;
    this.#depth = protocol === 'redis' ? depth : 1;
  }

  begin(channels: readonly Channel[]): void {
    for (const channel of channels) {
      while (channel.free > 0 && this.#mayBegin()) this.#send(channel);
      channel.flush();
    }
  }

  /** Ends early when it is told to, when a request fails, or when all have been answered. */
  async during(ms: number, finish: AbortSignal): Promise<void> {
    if (ms === 0) return;
    const signal = AbortSignal.any([finish, this.#ended.signal]);
    // The end of the wait is why it was called.
    await delay(ms, undefined, { signal }).catch(() => {});
  }

  async drain(): Promise<void> {
    this.#isOver = true;
    if (this.#underWay === 0 || this.errors > 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#onDrained = resolve;
    });
    const tooLate = new AbortController();
    await Promise.race([drained, delay(drainMsMax, undefined, { signal: tooLate.signal }).catch(() => {})]);
    tooLate.abort();
    if (this.#underWay > 0) this.failed(`${this.#underWay} requests had no answer after ${drainMsMax} ms.`);
  }

  answered(sentAt: number): void {
    this.#answered += 1;
    this.latencies?.record(performance.now() - sentAt);
  }

  /** A round with an error counts for nothing: it need not go on. */
  failed(message: string): void {
    this.errors += 1;
    this.error ??= message;
    this.#isOver = true;
    this.#ended.abort();
  }

  freed(channel: Channel): void {
    this.#underWay -= 1;
    if (this.#mayBegin()) this.#send(channel);
    else if (this.#underWay === 0) {
      this.#ended.abort();
      this.#onDrained();
    }
  }

  #mayBegin(): boolean {
    return !this.#isOver && this.#answered + this.#underWay * this.#depth < this.#operationsMax;
  }

  #send(channel: Channel): void {
    this.#underWay += 1;
    channel.send();
  }
}

function keySequence({ keys, order }: LoadJob): () => number {
  if (order === 'random') return () => Math.floor(Math.random() * keys);
  let next = 0;
  return () => {
    const key = next;
    next = (next + 1) % keys;
    return key;
  };
}

function usage({ servers, bystanders }: LoadJob) {
  const { user, system } = process.cpuUsage();
  return {
    servers: servers.map(cpuSeconds),
    bystanders: bystanders.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    load: (user + system) / 1e6,
    busy: busySeconds(),
  };
}
