/** No two servers ever apply different entries at one index (paper, figure 3). */
import type { Invariant } from './invariant.ts';

export const stateMachineSafety: Invariant = () => {
  const appliedAt = new Map<number, string>();
  return {
    look(record) {
      if (record.type !== 'applied' || record.applied.type !== 'entries') return undefined;
      for (const { index, term, kind, payload } of record.applied.entries) {
        const entry = `${kind} ${Buffer.from(payload).toString('hex')} of term ${term}`;
        const first = appliedAt.get(index) ?? entry;
        appliedAt.set(index, first);
        if (first !== entry)
          return `${record.node} applied ${entry} at ${index}, where another applied ${first}`;
      }
      return undefined;
    },
  };
};
