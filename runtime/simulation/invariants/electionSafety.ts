/** At most one leader can be elected in a given term (paper, figure 3). */
import type { Invariant } from './invariant.ts';

export const electionSafety: Invariant = () => {
  const leaderOf = new Map<number, string>();
  const leads = (node: string, term: number) => {
    const first = leaderOf.get(term) ?? node;
    leaderOf.set(term, first);
    return first === node ? undefined : `${first} and ${node} both led term ${term}`;
  };
  return {
    look(record) {
      if (record.type === 'roleChanged' && record.role === 'leader') return leads(record.node, record.term);
      if (record.type !== 'sent') return undefined;
      const { message, from } = record;
      // Whatever it believes to be: who speaks as a leader is one.
      if (message.type !== 'appendEntries' && message.type !== 'installSnapshot') return undefined;
      return leads(from, message.term);
    },
  };
};
