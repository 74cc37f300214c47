/** A read sees all that any client can have known when it asked (paper, section 8). */
import type { Invariant } from './invariant.ts';

export const linearizableReads: Invariant = (_simulation, history) => {
  /** By node and token: what had been applied when the read was asked for. */
  const askedAt = new Map<string, number>();
  return {
    look(record) {
      if (record.type === 'readAsked') askedAt.set(`${record.node} ${record.token}`, history.applied);
      if (record.type !== 'readAnswered' || record.readIndex === null) return undefined;
      const { node, token, readIndex } = record;
      const known = askedAt.get(`${node} ${token}`) ?? 0;
      if (readIndex >= known) return undefined;
      return `${node} answered a read as of ${readIndex} that was asked when ${known} had been applied`;
    },
  };
};
