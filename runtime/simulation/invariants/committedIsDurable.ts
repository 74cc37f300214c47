/** An entry is committed once it is durable on a majority, and not before (paper, section 5.3). */
import { lastIndexOf, termAt } from './history.ts';
import type { Invariant } from './invariant.ts';

export const committedIsDurable: Invariant = (simulation, history) => ({
  look(record) {
    if (record.type !== 'committed' || record.index < history.committed.length) return undefined;
    const { node, index, term } = record;
    const holders = simulation.ids.filter((id) => {
      const durable = history.durable(id);
      return (
        durable.snapshotIndex >= index || (lastIndexOf(durable) >= index && termAt(durable, index) === term)
      );
    });
    if (holders.length > simulation.ids.length / 2) return undefined;
    return `${node} committed entry ${index} of term ${term}, durable on ${holders.join(', ') || 'no disk'} alone`;
  },
});
