/**
 * If a server has applied an entry at a given index, no other server ever applies a different one there (paper,
 * figure 3); nor do two believe that different entries are committed there.
 */
import type { Invariant } from './invariant.ts';

export const stateMachineSafety: Invariant = (simulation, history) => {
  const appliedAt = new Map<number, string>();
  return {
    look(record) {
      if (record.type === 'committed') {
        const { node, index, term } = record;
        const first = history.committed[index] || term;
        return first === term
          ? undefined
          : `${node} committed an entry of term ${term} at ${index}, where another committed one of term ${first}`;
      }
      if (record.type !== 'applied' || record.applied.type !== 'entries') return undefined;
      for (const { index, term, kind, payload } of record.applied.entries) {
        const entry = `${kind} ${Buffer.from(payload).toString('latin1')} of term ${term}`;
        const first = appliedAt.get(index) ?? entry;
        appliedAt.set(index, first);
        if (first !== entry)
          return `${record.node} applied ${entry} at ${index}, where another applied ${first}`;
      }
      return undefined;
    },
    finish() {
      const digests = new Map<number, string>();
      for (const id of simulation.ids) {
        const { lastApplied, digest } = simulation.applied(id);
        const first = digests.get(lastApplied) ?? digest;
        digests.set(lastApplied, first);
        if (first !== digest) return `${id} has applied another history up to ${lastApplied}`;
      }
      return undefined;
    },
  };
};
