/** Each server applies every index once, in order; a snapshot jumps forward only (paper, section 5.3). */
import type { Invariant } from './invariant.ts';

export const appliedInOrder: Invariant = () => {
  const lastOf = new Map<string, number>();
  return {
    look(record) {
      // What it applies begins anew, from its snapshot.
      if (record.type === 'booted') lastOf.delete(record.node);
      if (record.type !== 'applied') return undefined;
      const { node, applied } = record;
      const last = lastOf.get(node);
      if (applied.type === 'snapshot') {
        const { index } = applied.snapshot;
        lastOf.set(node, index);
        return last !== undefined && index <= last
          ? `${node} took over snapshot ${index} after ${last}`
          : undefined;
      }
      for (const { index } of applied.entries) {
        const before = lastOf.get(node);
        if (before !== undefined && index !== before + 1) return `${node} applied ${index} after ${before}`;
        lastOf.set(node, index);
      }
      return undefined;
    },
  };
};
