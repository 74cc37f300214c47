/**
 * If an entry is committed in a given term, it is present in the logs of the leaders of all higher terms (paper,
 * figure 3).
 */
import type { Invariant } from './invariant.ts';

export const leaderCompleteness: Invariant = (simulation, history) => {
  /** What a leader lacks of the committed entries from `from` to `to`. */
  const missing = (node: string, from: number, to: number): string | undefined => {
    const log = simulation.log(node);
    const led = simulation.termLed(node);
    if (!log || led === undefined) return undefined;
    for (let index = Math.max(from, log.firstIndex); index <= to; index += 1) {
      const term = history.committed[index] ?? 0;
      if (term > 0 && term < led && log.termAt(index) !== term) {
        return `${node} leads term ${led} without the committed entry ${index} of term ${term}`;
      }
    }
    return undefined;
  };
  const last = () => history.committed.length - 1;
  const look = (from: number, to: number) =>
    simulation.ids.map((id) => missing(id, from, to)).find((wrong) => wrong !== undefined);
  return {
    look(record) {
      if (record.type === 'roleChanged' && record.role === 'leader') return missing(record.node, 1, last());
      // What is committed now must be in the logs of those that lead already.
      if (record.type === 'committed' && record.index > last()) return lacksNew(record.node, record.index);
      return undefined;
    },
    finish: () => look(1, last()),
  };

  function lacksNew(node: string, index: number): string | undefined {
    const log = simulation.log(node);
    const term = log?.termAt(index) ?? 0;
    for (const id of simulation.ids) {
      const led = simulation.termLed(id) ?? 0;
      const other = simulation.log(id);
      if (led <= term || !other || index <= other.snapshotIndex || other.termAt(index) === term) continue;
      return `${node} committed entry ${index} of term ${term}, which ${id}, leading term ${led}, lacks`;
    }
    return undefined;
  }
};
