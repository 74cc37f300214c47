/** Each server applies every index once, in order; a snapshot jumps forward only. */
import type { Invariant } from './invariant.ts';

export const appliedInOrder: Invariant = () => {
  const lastOf = new Map<string, number>();
  return {
    restarted: (node) => lastOf.delete(node),
    look(record) {
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
