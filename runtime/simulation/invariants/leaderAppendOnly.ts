/** A leader never overwrites or deletes entries in its log; it only appends new ones (paper, figure 3). */
import type { Invariant } from './invariant.ts';

export const leaderAppendOnly: Invariant = (simulation) => {
  /** The end of each leader's log as it was last seen. */
  const seen = new Map<string, { readonly term: number; readonly last: number; readonly lastTerm: number }>();
  return {
    look(record) {
      if (record.type === 'delivered') return undefined;
      const node = record.type === 'sent' ? record.from : record.node;
      const term = simulation.termLed(node);
      const log = simulation.log(node);
      if (term === undefined || !log) {
        seen.delete(node);
        return undefined;
      }
      const before = seen.get(node);
      seen.set(node, { term, last: log.lastIndex, lastTerm: log.termAt(log.lastIndex) ?? 0 });
      if (before?.term !== term || before.last < log.snapshotIndex) return undefined;
      if (log.termAt(before.last) === before.lastTerm) return undefined;
      return `${node}, leading term ${term}, lost entry ${before.last} of term ${before.lastTerm}`;
    },
  };
};
