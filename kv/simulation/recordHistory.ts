/** Records what clerks are asked and what they answer, as a history whose linearizability can be checked. */
import type { Clock } from '../../machines/ports.ts';
import type { HistoryOperation } from '../../runtime/linearizability/history.ts';
import type { KeyValueInput, KeyValueOutput } from '../../runtime/linearizability/keyValue.ts';
import type { Clerk } from '../makeClerk.ts';
import { KvError } from '../operation.ts';

export type KeyValueOperation = HistoryOperation<KeyValueInput, KeyValueOutput>;

export interface RecordedClerks {
  /** The same clerks, recorded; the history knows them by their places. */
  readonly clerks: readonly Clerk[];
  /** What was asked so far, in order of the calls; an operation has no return while it waits, or when it ended in doubt. */
  readonly history: readonly KeyValueOperation[];
}

/** What happens at one instant of the clock is told apart by this much (ms): within one process its order is known. */
const instantMs = 1e-6;

/**
 * Records clerks of one process, on the clock that they run on: that of a `KvCluster`, or the machine's. An operation
 * that is rejected may have taken effect, and stays without a return; one that is rejected as `NotLeader` or `Overloaded`
 * had none, and is left out.
 */
export function recordHistory(clerks: readonly Clerk[], clock: Pick<Clock, 'now'>): RecordedClerks {
  const history: KeyValueOperation[] = [];
  let last = Number.NEGATIVE_INFINITY;
  const moment = () => {
    last = Math.max(clock.now(), last + instantMs);
    return last;
  };

  async function record<T>(client: number, input: KeyValueInput, ask: () => Promise<T>): Promise<T> {
    const asked: KeyValueOperation = { client, calledAt: moment(), input };
    history.push(asked);
    try {
      const answer = await ask();
      const output = typeof answer === 'string' ? { output: answer } : {};
      history[history.lastIndexOf(asked)] = { ...asked, returnedAt: moment(), ...output };
      return answer;
    } catch (error) {
      const hadNoEffect = error instanceof KvError && ['NotLeader', 'Overloaded'].includes(error.code);
      if (hadNoEffect) history.splice(history.lastIndexOf(asked), 1);
      throw error;
    }
  }

  const recorded = clerks.map(
    (clerk, client): Clerk => ({
      put: (key, value) => record(client, { kind: 'put', key, value }, () => clerk.put(key, value)),
      append: (key, value) => record(client, { kind: 'append', key, value }, () => clerk.append(key, value)),
      get: (key) => record(client, { kind: 'get', key }, () => clerk.get(key)),
      close: () => clerk.close(),
    }),
  );
  return { clerks: recorded, history };
}
