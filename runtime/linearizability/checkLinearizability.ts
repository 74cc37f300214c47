/**
 * Is there an order of a history's operations, each between its call and its return, in which a sequential object would
 * have given the same outputs (Herlihy and Wing 1990)? Each part of the object is checked by itself (Horn and Kroening
 * 2015, P-compositionality).
 */
import { type Failure, failureOf } from './failure.ts';
import { type History, type HistoryOperation, validateHistory } from './history.ts';
import type { Model } from './model.ts';
import { Search } from './search.ts';

export interface CheckOptions {
  /** After so many ms the answer is unknown; by default there is no limit. */
  readonly timeLimitMs?: number;
  /** When the search has come to so many configurations that they take this much memory, the answer is unknown; 512 MiB by default. */
  readonly memoryLimitBytes?: number;
  /** The time in ms, for the limit. */
  readonly now?: () => number;
}

export type Verdict<State, Input, Output> =
  | { readonly verdict: 'linearizable' }
  | { readonly verdict: 'notLinearizable'; readonly failure: Failure<State, Input, Output> }
  /** It may be linearizable or not: a limit was met while these partitions were not decided. */
  | {
      readonly verdict: 'unknown';
      readonly reason: 'timeLimit' | 'memoryLimit';
      readonly undecided: readonly string[];
    };

interface Part<State extends NonNullable<unknown> | null, Input, Output> {
  readonly name: string;
  readonly history: History<Input, Output>;
  readonly search?: Search<State, Input, Output>;
}

/** Steps between two looks at the clock. */
const sliceSteps = 4096;

/** Steps that each part gets in its first turn; in each further one twice as many, so that one hard part does not hide another's failure. */
const firstTurnSteps = 16 * sliceSteps;

/** Steps for each operation of a part before the search looks ahead: in most histories an order is found at once. */
const glanceSteps = 4;

/**
 * Checks a history against a model. It runs to its end in one go.
 * @throws InvalidHistory
 */
export function checkLinearizability<State extends NonNullable<unknown> | null, Input, Output>(
  history: History<Input, Output>,
  model: Model<State, Input, Output>,
  options: CheckOptions = {},
): Verdict<State, Input, Output> {
  const { timeLimitMs = Number.POSITIVE_INFINITY, memoryLimitBytes = 512 * 1024 * 1024 } = options;
  const { now = () => performance.now() } = options;
  validateHistory(history);
  const deadline = now() + timeLimitMs;
  const limits = { isOver: () => now() >= deadline, bytes: memoryLimitBytes };
  const givenUp: string[] = [];
  let open = partsOf(history, model);
  for (let turn = firstTurnSteps; open.length > 0 && !limits.isOver(); turn *= 2) {
    const undecided: Part<State, Input, Output>[] = [];
    let heldBytes = open.reduce((sum, { search }) => sum + (search?.bytes ?? 0), 0);
    for (const part of open) {
      if (limits.isOver()) {
        undecided.push(part);
        continue;
      }
      if (!part.search && isFoundAtOnce(model, part.history)) continue;
      const search = part.search ?? new Search(model, part.history);
      const othersBytes = heldBytes - (part.search?.bytes ?? 0);
      const result = takeTurn(search, turn, { ...limits, bytes: memoryLimitBytes - othersBytes });
      if (result === false) {
        const failure = failureOf(model, part.name, part.history, search.farthest);
        return { verdict: 'notLinearizable', failure };
      }
      if (result === undefined) undecided.push({ ...part, search });
      if (result === 'noRoom') givenUp.push(part.name);
      heldBytes = othersBytes + (result === undefined ? search.bytes : 0);
    }
    open = undecided;
  }
  const undecided = [...givenUp, ...open.map(({ name }) => name)];
  if (undecided.length === 0) return { verdict: 'linearizable' };
  return { verdict: 'unknown', reason: open.length > 0 ? 'timeLimit' : 'memoryLimit', undecided };
}

function isFoundAtOnce<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): boolean {
  return new Search(model, history, { looksAhead: false }).run(glanceSteps * history.length) === true;
}

function takeTurn<State extends NonNullable<unknown> | null, Input, Output>(
  search: Search<State, Input, Output>,
  steps: number,
  limits: { readonly isOver: () => boolean; readonly bytes: number },
): boolean | 'noRoom' | undefined {
  for (let left = steps; left > 0 && !limits.isOver(); left -= sliceSteps) {
    const result = search.run(sliceSteps);
    if (result !== undefined) return result;
    if (search.bytes > limits.bytes) return 'noRoom';
  }
  return undefined;
}

/** The parts, the smallest first: a failure there is found soonest. */
function partsOf<State extends NonNullable<unknown> | null, Input, Output>(
  history: History<Input, Output>,
  model: Model<State, Input, Output>,
): Part<State, Input, Output>[] {
  const byName = new Map<string, HistoryOperation<Input, Output>[]>();
  for (const operation of history) {
    const name = model.partition?.(operation.input) ?? '';
    const part = byName.get(name);
    if (part) part.push(operation);
    else byName.set(name, [operation]);
  }
  return [...byName]
    .map(([name, operations]) => ({ name, history: operations }))
    .sort((a, b) => a.history.length - b.history.length);
}
