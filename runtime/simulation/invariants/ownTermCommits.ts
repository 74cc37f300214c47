/** A leader counts replicas for entries of its own term only (paper, section 5.4.2). */
import type { Invariant } from './invariant.ts';

export const ownTermCommits: Invariant = (simulation) => ({
  look(record) {
    if (record.type !== 'committed') return undefined;
    const { node, index, term } = record;
    const led = simulation.termLed(node);
    if (led === undefined || led === term) return undefined;
    return `${node}, leading term ${led}, committed up to entry ${index} of term ${term} by counting`;
  },
});
