/** At most one leader can be elected in a given term (paper, figure 3). */
import type { Invariant } from './invariant.ts';

export const electionSafety: Invariant = (simulation) => {
  const leaderOf = new Map<number, string>();
  return {
    look(record) {
      if (record.type !== 'transition' || record.actor !== 'raft') return undefined;
      if (typeof record.value !== 'object' || !('leader' in record.value)) return undefined;
      const status = simulation.status(record.node);
      if (status?.role !== 'leader') return undefined;
      const first = leaderOf.get(status.term) ?? record.node;
      leaderOf.set(status.term, first);
      return first === record.node ? undefined : `${first} and ${record.node} both led term ${status.term}`;
    },
  };
};
