/** What a run met, so that its passing means something. */
import { EntryKind } from '../../../machines/entry.ts';
import type { Fault } from '../faults.ts';
import type { TraceRecord } from '../trace.ts';

export const tallied = [
  ...([
    'submitted',
    'committed',
    'readsAnswered',
    'faults',
    'elections',
    'splitVotes',
    'truncations',
    'snapshotsInstalled',
  ] as const),
  ...(['unsyncedTailsLost', 'oneWayCuts', 'transfers', 'crashes', 'pauses', 'clockChanges'] as const),
  ...(['diskFailures', 'messages'] as const),
] as const;

/** A number of runs that never saw one of these has shown little. */
export const mustBeMet = tallied;

export type Tally = Record<(typeof tallied)[number], number>;

export function emptyTally(): Tally {
  return Object.fromEntries(tallied.map((name) => [name, 0])) as Tally; // one for each name
}

export function addTally(sum: Tally, tally: Tally): void {
  for (const name of tallied) sum[name] += tally[name];
}

export class Counter {
  readonly tally = emptyTally();
  readonly #candidates = new Map<number, Set<string>>();
  readonly #handedOver = new Set<string>();
  readonly #ledTerms = new Set<number>();
  readonly #down = new Set<string>();
  #lastApplied = 0;

  suffer(fault: Fault): void {
    this.tally.faults += 1;
    if (fault.type === 'cut') this.tally.oneWayCuts += 1;
    if (fault.type === 'pause') this.tally.pauses += 1;
    if (fault.type === 'clockRate') this.tally.clockChanges += 1;
  }

  take(record: TraceRecord): void {
    const { tally } = this;
    if (record.type === 'sent') this.#hear(record);
    else if (record.type === 'delivered') tally.messages += 1;
    else if (record.type === 'lost') this.#lose(record);
    else if (record.type === 'booted') this.#down.delete(record.node);
    else if (record.type === 'crashed') {
      tally.crashes += 1;
      this.#down.add(record.node);
    } else if (record.type === 'readAnswered') tally.readsAnswered += record.readIndex === null ? 0 : 1;
    else if (record.type === 'durable') tally.truncations += record.group.truncateFrom === undefined ? 0 : 1;
    else if (record.type === 'applied') this.#apply(record);
    else if (record.type === 'roleChanged') {
      if (record.role !== 'leader') return;
      tally.elections += 1;
      this.#ledTerms.add(record.term);
      if (this.#handedOver.has(`${record.node} ${record.term}`)) tally.transfers += 1;
    }
  }

  /** What only the end shows: terms in which several stood and nobody won. */
  finish(submitted: number): void {
    this.tally.submitted = submitted;
    for (const [term, candidates] of this.#candidates) {
      if (candidates.size > 1 && !this.#ledTerms.has(term)) this.tally.splitVotes += 1;
    }
  }

  #lose({ node, group }: Extract<TraceRecord, { type: 'lost' }>): void {
    if (!this.#down.has(node)) this.tally.diskFailures += 1;
    if (group.entries) this.tally.unsyncedTailsLost += 1;
  }

  #apply({ applied }: Extract<TraceRecord, { type: 'applied' }>): void {
    if (applied.type === 'snapshot') {
      this.tally.snapshotsInstalled += 1;
      return;
    }
    for (const { index, kind } of applied.entries) {
      if (index <= this.#lastApplied) continue;
      this.#lastApplied = index;
      if (kind === EntryKind.command) this.tally.committed += 1;
    }
  }

  #hear({ from, message }: Extract<TraceRecord, { type: 'sent' }>): void {
    if (message.type !== 'requestVote') return;
    const candidates = this.#candidates.get(message.term) ?? new Set();
    this.#candidates.set(message.term, candidates.add(from));
    if (message.leadershipTransfer) this.#handedOver.add(`${from} ${message.term}`);
  }
}
