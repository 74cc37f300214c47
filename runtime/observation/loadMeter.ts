/** Measures, from frame to frame, how much a cluster commits and how long that takes. */
import type { LoadFrame, NodeFrame } from './clusterFrame.ts';

/** What is counted: the last so many ms. */
const windowMs = 2000;

export class LoadMeter {
  /** When the leader of the latest term was first seen to have an entry, by index, until it is committed. */
  #appendedAt = new Map<number, number>();
  #commits: { readonly time: number; readonly tookMs: number }[] = [];
  #leader: NodeFrame | undefined;

  measure(time: number, nodes: readonly NodeFrame[]): LoadFrame {
    const leader = leaderOf(nodes);
    if (leader && leader !== this.#leader) this.#compare(time, leader);
    this.#leader = leader ?? this.#leader;
    const begin = this.#commits.findIndex((commit) => commit.time > time - windowMs);
    if (begin > 0) this.#commits.splice(0, begin);
    else if (begin < 0) this.#commits = [];
    const tookMs = this.#commits.map((commit) => commit.tookMs).sort((a, b) => a - b);
    return {
      commitsPerSecond: (tookMs.length * 1000) / windowMs,
      commitMsMedian: tookMs[Math.floor(tookMs.length / 2)] ?? null,
      commitMsP99: tookMs[Math.floor(tookMs.length * 0.99)] ?? null,
    };
  }

  #compare(time: number, { id, term, log }: NodeFrame): void {
    const before = this.#leader;
    if (!before || before.id !== id || before.term !== term) {
      this.#appendedAt = new Map();
      return;
    }
    for (let index = before.log.lastIndex + 1; index <= log.lastIndex; index += 1) {
      this.#appendedAt.set(index, time);
    }
    for (let index = before.log.commitIndex + 1; index <= log.commitIndex; index += 1) {
      const appendedAt = this.#appendedAt.get(index);
      if (appendedAt !== undefined) this.#commits.push({ time, tookMs: time - appendedAt });
      this.#appendedAt.delete(index);
    }
  }
}

/** Of the latest term: an old leader that is cut off may be another. */
export function leaderOf(nodes: readonly NodeFrame[]): NodeFrame | undefined {
  const leaders = nodes.filter(({ role, state }) => role === 'leader' && state !== 'down');
  return leaders.sort((a, b) => b.term - a.term)[0];
}
