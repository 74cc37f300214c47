/**
 * What is durable never goes backwards: terms grow, a vote stands for its term, snapshots grow, and no committed entry
 * leaves a disk (paper, figure 2: persistent state).
 */
import { lastIndexOf, termAt } from './history.ts';
import type { Invariant } from './invariant.ts';

export const durableStateAdvances: Invariant = (_simulation, history) => ({
  look(record) {
    if (record.type !== 'durable') return undefined;
    const { node, group } = record;
    const { hardState, snapshot, truncateFrom } = group;
    const durable = history.durable(node);
    const { term, votedFor, snapshotIndex } = durable;
    if (hardState && hardState.term < term)
      return `the term of ${node} fell from ${term} to ${hardState.term}`;
    if (hardState?.term === term && votedFor !== null && hardState.votedFor !== votedFor) {
      return `${node} voted for ${votedFor} in term ${term}, and then for ${hardState.votedFor ?? 'nobody'}`;
    }
    if (snapshot && snapshot.index < snapshotIndex) {
      return `the snapshot of ${node} fell from ${snapshotIndex} to ${snapshot.index}`;
    }
    if (truncateFrom === undefined) return undefined;
    const from = Math.max(truncateFrom, snapshotIndex + 1, (snapshot?.index ?? 0) + 1);
    for (
      let index = from;
      index <= Math.min(lastIndexOf(durable), history.committed.length - 1);
      index += 1
    ) {
      if (termAt(durable, index) === history.committed[index])
        return `${node} dropped entry ${index}, which is committed`;
    }
    return undefined;
  },
});
