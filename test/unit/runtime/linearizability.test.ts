/** Is this history linearizable? The cases of the literature, one by one. */
import { expect } from 'chai';
import {
  checkLinearizability,
  type HistoryOperation,
  InvalidHistory,
  keyValueModel,
  type Model,
  makeKeyValueModel,
  makeRegisterModel,
  type RegisterInput,
  type RegisterOutput,
  registerModel,
} from 'xstate-raft/testing';
import { append, get, type KeyValueOperation, put, simulatedHistory } from './linearizabilityHistories.ts';

function verdict(...history: KeyValueOperation[]): string {
  return checkLinearizability(history, keyValueModel).verdict;
}

describe('the linearizability checker', () => {
  it('takes the empty history, and one in which nothing returned', () => {
    expect(verdict()).to.equal('linearizable');
    expect(verdict(put(0, [0], 'a'), get(1, [0]))).to.equal('linearizable');
  });

  it('takes a read of the last write', () => {
    expect(verdict(put(0, [0, 1], 'a'), put(0, [2, 3], 'b'), get(1, [4, 5], 'b'))).to.equal('linearizable');
  });

  it('refuses a stale read', () => {
    expect(verdict(put(0, [0, 1], 'a'), put(0, [2, 3], 'b'), get(1, [4, 5], 'a'))).to.equal(
      'notLinearizable',
    );
  });

  it('takes either value while the write is under way, but not the old one after the new one', () => {
    const writes = [put(0, [0, 1], 'a'), put(0, [2, 9], 'b')];
    expect(verdict(...writes, get(1, [3, 4], 'a'), get(2, [5, 6], 'b'))).to.equal('linearizable');
    expect(verdict(...writes, get(1, [3, 4], 'b'), get(2, [5, 6], 'a'))).to.equal('notLinearizable');
    // Where the reads overlap, either may be the first.
    expect(verdict(...writes, get(1, [3, 5], 'b'), get(2, [4, 6], 'a'))).to.equal('linearizable');
  });

  it('refuses a lost update', () => {
    const appends = [append(0, [0, 1], 'a'), append(1, [2, 3], 'b')];
    expect(verdict(...appends, get(0, [4, 5], 'ab'))).to.equal('linearizable');
    expect(verdict(...appends, get(0, [4, 5], 'b'))).to.equal('notLinearizable');
    expect(verdict(...appends, get(0, [4, 5], 'ba'))).to.equal('notLinearizable');
  });

  it('takes concurrent appends in any order, but not in two orders', () => {
    const appends = [append(0, [0, 3], 'a'), append(1, [1, 2], 'b')];
    expect(verdict(...appends, get(0, [4, 5], 'ba'), get(1, [6, 7], 'ba'))).to.equal('linearizable');
    expect(verdict(...appends, get(0, [4, 5], 'ba'), get(1, [4, 5], 'ab'))).to.equal('notLinearizable');
  });

  it('refuses an append that took effect twice', () => {
    expect(verdict(append(0, [0, 1], 'a'), get(1, [2, 3], 'aa'))).to.equal('notLinearizable');
    expect(verdict(append(0, [0], 'a'), get(1, [2, 3], 'a'), get(1, [4, 5], 'aa'))).to.equal(
      'notLinearizable',
    );
  });

  it('lets a write that never returned take effect late, or never, but not twice, nor before its call', () => {
    const old = put(0, [0, 1], 'a');
    const lost = put(1, [2], 'b');
    expect(verdict(old, lost, get(2, [90, 91], 'a'))).to.equal('linearizable');
    expect(verdict(old, lost, get(2, [3, 4], 'a'), get(2, [90, 91], 'b'))).to.equal('linearizable');
    expect(verdict(old, lost, get(2, [3, 4], 'b'), get(2, [90, 91], 'a'))).to.equal('notLinearizable');
    expect(verdict(old, put(1, [5], 'b'), get(2, [3, 4], 'b'))).to.equal('notLinearizable');
  });

  it('asks nothing of a read that never returned', () => {
    expect(verdict(put(0, [0, 1], 'a'), get(1, [2], 'never seen'))).to.equal('linearizable');
  });

  it('takes operations whose times touch for concurrent', () => {
    expect(verdict(put(0, [0, 1], 'a'), get(1, [1, 2], ''))).to.equal('linearizable');
    expect(verdict(put(0, [0, 1], 'a'), get(1, [1.001, 2], ''))).to.equal('notLinearizable');
    expect(verdict(get(1, [0, 1], 'a'), put(0, [1, 2], 'a'))).to.equal('linearizable');
    expect(verdict(get(1, [0, 1], 'a'), put(0, [1], 'a'))).to.equal('linearizable');
  });

  it('does not mind the order in which a history is written down', () => {
    expect(verdict(get(1, [4, 5], 'b'), put(0, [2, 3], 'b'), put(0, [0, 1], 'a'))).to.equal('linearizable');
    expect(verdict(get(1, [4, 5], 'a'), put(0, [2, 3], 'b'), put(0, [0, 1], 'a'))).to.equal(
      'notLinearizable',
    );
  });

  it('judges each key by itself', () => {
    const y = [put(0, [0, 1], 'b', 'y'), get(1, [2, 3], 'b', 'y')];
    expect(verdict(put(0, [0, 1], 'a'), get(1, [2, 3], 'a'), ...y)).to.equal('linearizable');
    const result = checkLinearizability([get(1, [2, 3], 'b'), ...y], keyValueModel);
    expect(result).to.have.nested.property('failure.partition', 'x');
  });

  it('knows delete and compare-and-set', () => {
    const key = 'x';
    const compareAndSet = (calledAt: number, expected: string | null, value: string, output: boolean) => {
      const input = { kind: 'compareAndSet', key, expected, value } as const;
      return { client: 0, calledAt, returnedAt: calledAt + 1, input, output };
    };
    const del = (calledAt: number, output?: boolean) => {
      return {
        client: 0,
        calledAt,
        returnedAt: calledAt + 1,
        input: { kind: 'delete', key } as const,
        output,
      };
    };
    expect(verdict(compareAndSet(0, null, 'a', true), del(2, true), get(0, [4, 5], ''))).to.equal(
      'linearizable',
    );
    expect(verdict(compareAndSet(0, 'b', 'a', false), del(2, false), del(4))).to.equal('linearizable');
    expect(verdict(compareAndSet(0, null, 'a', false))).to.equal('notLinearizable');
    expect(verdict(put(0, [0, 1], 'a'), del(2, false))).to.equal('notLinearizable');
  });

  it('tells a missing key from an empty one where they read differently', () => {
    const nullable = makeKeyValueModel({ missing: null });
    const read = { client: 0, calledAt: 2, returnedAt: 3, input: { kind: 'get', key: 'x' } as const };
    const answers = (output: string | null, ...before: KeyValueOperation[]) =>
      checkLinearizability([...before, { ...read, output }], nullable).verdict;
    expect(answers(null)).to.equal('linearizable');
    expect(answers('')).to.equal('notLinearizable');
    expect(answers(null, put(0, [0, 1], ''))).to.equal('notLinearizable');
    expect(answers('', put(0, [0, 1], ''))).to.equal('linearizable');
  });

  it('checks a register', () => {
    const operation = (calledAt: number, input: RegisterInput, output?: RegisterOutput) => ({
      ...{ client: 0, calledAt, returnedAt: calledAt + 1, input, output },
    });
    const swap = operation(2, { kind: 'compareAndSet', expected: 1, value: 2 }, true);
    const history = (last: number): HistoryOperation<RegisterInput, RegisterOutput>[] => [
      operation(0, { kind: 'write', value: 1 }),
      swap,
      operation(4, { kind: 'read' }, last),
    ];
    expect(checkLinearizability(history(2), registerModel).verdict).to.equal('linearizable');
    expect(checkLinearizability(history(1), registerModel).verdict).to.equal('notLinearizable');
    expect(checkLinearizability([swap], registerModel).verdict).to.equal('notLinearizable');
    expect(checkLinearizability([swap], makeRegisterModel(1)).verdict).to.equal('linearizable');
  });

  it('takes a model whose states are objects, told apart by their key', () => {
    let steps = 0;
    const setModel: Model<readonly string[], string, boolean> = {
      init: () => [],
      key: (members) => members.join(),
      step(members, member, wasNew, returned) {
        steps += 1;
        if (returned && wasNew === members.includes(member)) return undefined;
        return [...new Set([...members, member])].sort();
      },
    };
    const add = (calledAt: number, returnedAt: number, input: string, output: boolean) => {
      return { client: 0, calledAt, returnedAt, input, output };
    };
    const concurrent = [...'abcdefghijkl'].map((member) => add(0, 1, member, true));
    const history = [...concurrent, add(2, 3, 'a', true)];
    expect(checkLinearizability(history, setModel).verdict).to.equal('notLinearizable');
    // The subsets of the twelve, and not their orders.
    expect(steps).to.be.below(2 ** 12 * 13 * 30);
  });

  it('tells a model of no output where there was no return', () => {
    const told: unknown[] = [];
    const model: Model<string, string, string> = {
      init: () => '',
      step(state, input, output, returned) {
        told.push([input, output, returned]);
        return returned && state !== output ? undefined : state + input;
      },
    };
    const history = [
      { client: 0, calledAt: 0, input: 'a', output: 'what is this' },
      { client: 1, calledAt: 1, returnedAt: 2, input: 'b', output: 'a' },
    ];
    expect(checkLinearizability(history, model).verdict).to.equal('linearizable');
    expect(told).to.deep.include(['a', undefined, false]).and.deep.include(['b', 'a', true]);
  });

  it('says so when a model calls an operation a read that changes the state', () => {
    const { hints } = keyValueModel;
    const wrong = { ...keyValueModel, ...(hints && { hints: { ...hints, isRead: () => true } }) };
    expect(() => checkLinearizability([put(0, [0, 1], 'a')], wrong)).to.throw(
      'is a read, but its step changes',
    );
  });

  it('answers that it does not know when its time is up, and not that it is so or otherwise', () => {
    let time = 0;
    const now = () => {
      time += 1;
      return time;
    };
    const { hints: _, ...slow } = keyValueModel;
    const wrong = Array.from({ length: 30 }, (_, i) => append(i, [0, 100], `(${i})`));
    const history = [...wrong, get(0, [101, 102], 'wrong'), get(0, [0, 1], '', 'y')];
    const result = checkLinearizability(history, slow, { timeLimitMs: 20, now });
    expect(result).to.deep.equal({ verdict: 'unknown', reason: 'timeLimit', undecided: ['x'] });
    expect(checkLinearizability(history, slow, { timeLimitMs: 0, now }).verdict).to.equal('unknown');
    const limited = checkLinearizability(history, slow, { memoryLimitBytes: 1_000_000 });
    expect(limited).to.deep.equal({ verdict: 'unknown', reason: 'memoryLimit', undecided: ['x'] });
  });

  it('finds a failure on one key although another is too hard', () => {
    const { hints: _, ...slow } = keyValueModel;
    const hard = Array.from({ length: 30 }, (_, i) => append(i, [0, 100], `(${i})`));
    const easy = simulatedHistory({ seed: 1, clients: 3, keys: 1, operations: 100 });
    const history = [...hard, get(0, [101, 102], 'wrong'), ...easy, get(0, [9000, 9001], 'wrong', 'k0')];
    const result = checkLinearizability(history, slow);
    expect(result).to.have.nested.property('failure.partition', 'k0');
  });

  it('rejects times that cannot be', () => {
    for (const times of [
      [2, 1],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(() => verdict(get(0, times, '')), String(times)).to.throw(InvalidHistory);
    }
  });
});
