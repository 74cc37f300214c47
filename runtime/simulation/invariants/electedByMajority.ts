/** A candidate wins an election by the durable votes of a majority in its term (paper, section 5.2). */
import type { Invariant } from './invariant.ts';

export const electedByMajority: Invariant = (simulation) => {
  /** By term: whom each node voted for. */
  const votes = new Map<number, Map<string, string>>();
  return {
    look(record) {
      if (record.type === 'durable') {
        const { term, votedFor } = record.group.hardState ?? {};
        if (term === undefined || !votedFor) return undefined;
        votes.set(term, (votes.get(term) ?? new Map()).set(record.node, votedFor));
      }
      if (record.type !== 'roleChanged' || record.role !== 'leader') return undefined;
      const { node, term } = record;
      const voters = [...(votes.get(term) ?? [])].filter(([, candidate]) => candidate === node);
      if (voters.length > simulation.ids.length / 2) return undefined;
      return `${node} leads term ${term} by ${voters.length} of ${simulation.ids.length} votes`;
    },
  };
};
