/**
 * If two logs contain an entry with the same index and term, then the logs are identical in all entries up through it
 * (paper, figure 3). It follows by induction if index and term determine the entry and the term of the one before it;
 * at the end the logs are compared whole.
 */
import { entryOffsets, readEntry } from '../../../machines/entry.ts';
import type { LogView } from '../simulation.ts';
import { termAt } from './history.ts';
import type { Invariant } from './invariant.ts';

export const logMatching: Invariant = (simulation, history) => {
  /** By index and term: the entry, and the term of the one before it. */
  const known = new Map<string, string>();
  return {
    look(record) {
      if (record.type !== 'durable' || !record.group.entries) return undefined;
      const { bytes, firstIndex } = record.group.entries;
      const { snapshot, hardState: _, truncateFrom: __ } = record.group;
      let before = snapshot?.index === firstIndex - 1 ? snapshot.term : undefined;
      before ??= termAt(history.durable(record.node), firstIndex - 1);
      for (const offset of entryOffsets(bytes, firstIndex)) {
        const { index, term, kind, payload } = readEntry(bytes, offset);
        const entry = `${kind} ${Buffer.from(payload).toString('latin1')} after term ${before}`;
        const first = known.get(`${index} ${term}`) ?? entry;
        known.set(`${index} ${term}`, first);
        if (first !== entry)
          return `${record.node} holds another entry ${index} of term ${term}: ${entry}, not ${first}`;
        before = term;
      }
      return undefined;
    },
    finish() {
      const logs = simulation.ids.flatMap((id) => simulation.log(id) ?? []);
      for (const one of logs) {
        for (const other of logs) {
          const difference = one === other ? undefined : differenceBelowMatch(one, other);
          if (difference) return `logs agree at ${difference.match} and differ at ${difference.index}`;
        }
      }
      return undefined;
    },
  };
};

/** Where two logs differ below an index at which their terms are the same. */
function differenceBelowMatch(one: LogView, other: LogView): { match: number; index: number } | undefined {
  const first = Math.max(one.firstIndex, other.firstIndex);
  let match = Math.min(one.lastIndex, other.lastIndex);
  while (match >= first && one.termAt(match) !== other.termAt(match)) match -= 1;
  for (let index = match; index >= first; index -= 1) {
    const [a, b] = [one.entryAt(index), other.entryAt(index)];
    const isSame =
      a && b && a.term === b.term && a.kind === b.kind && Buffer.compare(a.payload, b.payload) === 0;
    if (!isSame) return { match, index };
  }
  return undefined;
}
