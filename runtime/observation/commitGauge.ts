/** Measures on a running leader how much it commits, and how long that takes, from the node's own streams. */
import type { Subscription } from 'rxjs';
import type { Streams } from '../../machines/streams.ts';
import type { LoadFrame } from './clusterFrame.ts';

/** What is counted: the last so many ms. */
const windowMs = 2000;

/** Batches that may wait to be committed and still be timed. */
const batchesMax = 10_000;

export interface GaugedNode {
  readonly streams: Pick<Streams, 'appended$' | 'committed$'>;
  readonly isLeader: boolean;
}

interface Batch {
  readonly lastIndex: number;
  readonly time: number;
}

interface Commit {
  readonly time: number;
  readonly entries: number;
  readonly tookMs: number;
}

export class CommitGauge {
  readonly #node: GaugedNode;
  readonly #now: () => number;
  readonly #subscriptions: readonly Subscription[];
  /** Proposed and not committed yet, in the order of the log. */
  #waiting: Batch[] = [];
  #commits: Commit[] = [];
  #commitIndex: number | undefined;

  /** @param now in ms */
  constructor(node: GaugedNode, now: () => number) {
    this.#node = node;
    this.#now = now;
    const { appended$, committed$ } = node.streams;
    this.#subscriptions = [
      appended$.subscribe(({ lastIndex }) => this.#appended(lastIndex)),
      committed$.subscribe(({ commitIndex }) => this.#committed(commitIndex)),
    ];
  }

  /** Null: it does not lead. */
  measure(): LoadFrame | null {
    if (!this.#node.isLeader) return null;
    const begin = this.#now() - windowMs;
    this.#commits = this.#commits.filter(({ time }) => time > begin);
    const entries = this.#commits.reduce((sum, commit) => sum + commit.entries, 0);
    const byTime = [...this.#commits].sort((a, b) => a.tookMs - b.tookMs);
    return {
      commitsPerSecond: (entries * 1000) / windowMs,
      commitMsMedian: quantile(byTime, entries * 0.5),
      commitMsP99: quantile(byTime, entries * 0.99),
    };
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }

  #appended(lastIndex: number): void {
    if (!this.#node.isLeader) return;
    // What another leadership proposed was overwritten, or is timed no more.
    if (lastIndex <= (this.#waiting.at(-1)?.lastIndex ?? 0)) this.#waiting = [];
    if (this.#waiting.length < batchesMax) this.#waiting.push({ lastIndex, time: this.#now() });
  }

  #committed(commitIndex: number): void {
    if (!this.#node.isLeader) this.#waiting = [];
    const time = this.#now();
    // A batch may be committed in parts.
    for (const batch of this.#waiting) {
      const before = this.#commitIndex ?? batch.lastIndex - 1;
      const upTo = Math.min(batch.lastIndex, commitIndex);
      if (upTo > before) this.#commits.push({ time, entries: upTo - before, tookMs: time - batch.time });
      this.#commitIndex = Math.max(before, upTo);
      if (upTo < batch.lastIndex) break;
    }
    this.#commitIndex = commitIndex;
    this.#waiting = this.#waiting.filter(({ lastIndex }) => lastIndex > commitIndex);
  }
}

/** Of commits in the order of their times, that of the entry at `rank`. */
function quantile(byTime: readonly Commit[], rank: number): number | null {
  let passed = 0;
  for (const { entries, tookMs } of byTime) {
    passed += entries;
    if (passed >= rank) return tookMs;
  }
  return null;
}
