/** What has become durable, committed and applied so far, as an observer of the whole cluster knows it. */
import { type EntryBlock, entryOffsets, readEntryTerm } from '../../../machines/entry.ts';
import type { Simulation } from '../simulation.ts';
import type { TraceRecord } from '../trace.ts';

/** What lies on the disk of one node. */
export interface Durable {
  term: number;
  votedFor: string | null;
  snapshotIndex: number;
  snapshotTerm: number;
  /** The term of each entry behind the snapshot. */
  terms: number[];
}

export function lastIndexOf({ snapshotIndex, terms }: Durable): number {
  return snapshotIndex + terms.length;
}

/** Undefined: there is no such entry, or it is compacted. */
export function termAt({ snapshotIndex, snapshotTerm, terms }: Durable, index: number): number | undefined {
  return index === snapshotIndex ? snapshotTerm : terms[index - snapshotIndex - 1];
}

function termsOf({ bytes, firstIndex }: EntryBlock): number[] {
  return entryOffsets(bytes, firstIndex).map((offset) => readEntryTerm(bytes, offset));
}

export class History {
  readonly #simulation: Simulation;
  readonly #durable = new Map<string, Durable>();
  /** The term of each committed entry; the one at place 0 is none. */
  readonly committed: number[] = [0];
  /** The highest index that any service has applied: a client may know of it. */
  applied = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  durable(node: string): Durable {
    const durable = this.#durable.get(node);
    if (durable) return durable;
    const nothing = { term: 0, votedFor: null, snapshotIndex: 0, snapshotTerm: 0, terms: [] };
    this.#durable.set(node, nothing);
    return nothing;
  }

  take(record: TraceRecord): void {
    if (record.type === 'durable') this.#write(record);
    else if (record.type === 'committed') this.#commit(record);
    else if (record.type === 'applied') {
      const { applied } = record;
      const index = applied.type === 'snapshot' ? applied.snapshot.index : applied.entries.at(-1)?.index;
      this.applied = Math.max(this.applied, index ?? 0);
    }
  }

  #write({ node, group }: Extract<TraceRecord, { type: 'durable' }>): void {
    const durable = this.durable(node);
    const { hardState, snapshot, truncateFrom, entries } = group;
    if (hardState) Object.assign(durable, { term: hardState.term, votedFor: hardState.votedFor });
    if (snapshot && snapshot.index > durable.snapshotIndex) {
      const continues = termAt(durable, snapshot.index) === snapshot.term;
      durable.terms = continues ? durable.terms.slice(snapshot.index - durable.snapshotIndex) : [];
      Object.assign(durable, { snapshotIndex: snapshot.index, snapshotTerm: snapshot.term });
    }
    if (truncateFrom !== undefined) {
      durable.terms.length = Math.min(
        durable.terms.length,
        Math.max(0, truncateFrom - durable.snapshotIndex - 1),
      );
    }
    if (entries) durable.terms.push(...termsOf(entries));
  }

  #commit({ node, index }: Extract<TraceRecord, { type: 'committed' }>): void {
    const log = this.#simulation.log(node);
    for (let i = this.committed.length; log && i <= index; i += 1) this.committed.push(log.termAt(i) ?? 0);
  }
}
