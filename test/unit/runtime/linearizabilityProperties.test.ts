/** The checker against the definition, and against histories whose answer is known by how they were made. */
import { expect } from 'chai';
import fc from 'fast-check';
import {
  checkLinearizability,
  type Hints,
  type HistoryOperation,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  type Model,
  makeKeyValueModel,
  type RegisterInput,
  type RegisterOutput,
  registerModel,
} from 'xstate-raft/testing';
import { Refuter } from '../../../runtime/linearizability/refuter.ts';
import { get, put, simulatedHistory } from './linearizabilityHistories.ts';
import { isLinearizableByDefinition } from './linearizabilityOracle.ts';

/** Few values and small times, so that operations overlap, times are equal, and about half of the histories are linearizable. */
const value = fc.constantFrom('', 'a', 'b', 'ab', 'aa');

function operations<Input, Output>(input: fc.Arbitrary<Input>, output: fc.Arbitrary<Output>) {
  const operation = fc
    .record({ client: fc.nat(3), calledAt: fc.nat(8), lasts: fc.nat(5), input, output, isLost: fc.nat(5) })
    .map(({ client, calledAt, lasts, isLost, ...rest }): HistoryOperation<Input, Output> => {
      return { client, calledAt, ...(isLost !== 0 && { returnedAt: calledAt + lasts }), ...rest };
    });
  return fc.array(operation, { maxLength: 7 });
}

const key = fc.constant('x');
const keyValueInput: fc.Arbitrary<KeyValueInput> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('get' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('put' as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('append' as const), key, value }) },
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('compareAndSet' as const), key, expected: fc.option(value), value }),
);
const keyValueOutput: fc.Arbitrary<KeyValueOutput> = fc.oneof(
  value,
  value,
  value,
  fc.boolean(),
  fc.constant(null),
);
/** Without what is conditional, other shortcuts are open to the search. */
const plainKeyValueInput = keyValueInput.filter(({ kind }) => kind !== 'delete' && kind !== 'compareAndSet');

const number = fc.nat(2);
const registerInput: fc.Arbitrary<RegisterInput> = fc.oneof(
  fc.record({ kind: fc.constant('read' as const) }),
  fc.record({ kind: fc.constant('read' as const) }),
  fc.record({ kind: fc.constant('write' as const), value: number }),
  fc.record({ kind: fc.constant('compareAndSet' as const), expected: number, value: number }),
);
const registerOutput: fc.Arbitrary<RegisterOutput> = fc.oneof(number, number, fc.boolean());

/** Outputs that are wrong in kind make most histories fail at once: each operation gets one that its kind can have. */
function fitting<Input extends { kind: string }, Output>(history: HistoryOperation<Input, Output>[]) {
  return history.map((operation) => {
    const isTold = operation.input.kind === 'compareAndSet' || operation.input.kind === 'delete';
    const { output, ...rest } = operation;
    if (isTold) return { ...rest, output: (rest.calledAt % 2 === 0) as Output };
    return typeof output === 'boolean' || output === null ? rest : operation;
  });
}

function withoutHints<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
): Model<State, Input, Output> {
  const { hints: _, ...plain } = model;
  return plain;
}

/** Reads alone are known: what is left of the hints is in doubt. */
function withReadsAlone<State extends NonNullable<unknown> | null, Input, Output>(
  model: Model<State, Input, Output>,
): Model<State, Input, Output> {
  const inDoubt: Omit<Hints<State, Input, Output>, 'isRead'> = {
    isConditional: () => true,
    canPrecede: () => true,
    restart: () => undefined,
    canLeadTo: () => true,
  };
  return { ...model, hints: { isRead: (input) => model.hints?.isRead(input) === true, ...inDoubt } };
}

describe('the linearizability checker, against the definition', () => {
  function agrees<State extends NonNullable<unknown> | null, Input extends { kind: string }, Output>(
    model: Model<State, Input, Output>,
    histories: fc.Arbitrary<HistoryOperation<Input, Output>[]>,
    numRuns: number,
  ): void {
    const answers = { true: 0, false: 0 };
    fc.assert(
      fc.property(histories, (drawn) => {
        const history = fitting(drawn);
        const expected = isLinearizableByDefinition(history, model);
        answers[`${expected}`] += 1;
        for (const variant of [model, withoutHints(model), withReadsAlone(model)]) {
          const { verdict } = checkLinearizability(history, variant);
          expect(verdict).to.equal(expected ? 'linearizable' : 'notLinearizable');
        }
      }),
      { numRuns, seed: 1 },
    );
    expect(answers.true, 'linearizable histories').to.be.above(numRuns / 10);
    expect(answers.false, 'others').to.be.above(numRuns / 10);
  }

  it('answers as it says, for a key/value store', () => {
    agrees(keyValueModel, operations(keyValueInput, keyValueOutput), 2500);
  });

  it('answers as it says, for a key/value store of which a missing key reads as null', () => {
    agrees(makeKeyValueModel({ missing: null }), operations(keyValueInput, keyValueOutput), 1000);
  });

  it('answers as it says, for puts, appends and gets', () => {
    agrees(keyValueModel, operations(plainKeyValueInput, value), 2500);
  });

  it('answers as it says, for a register', () => {
    agrees(registerModel, operations(registerInput, registerOutput), 2500);
  });
});

describe('what the state can be in the midst of a history', () => {
  it('is enough to judge the rest of it', () => {
    const drawn = fc.tuple(operations(plainKeyValueInput, value), fc.nat(10));
    fc.assert(
      fc.property(drawn, ([history, time]) => {
        const refuter = new Refuter(keyValueModel, history);
        const roles = history.map(({ returnedAt }) => (returnedAt === undefined ? 'open' : 'required'));
        refuter.begin();
        const starts = refuter.configurationsAt(time, roles);
        if (!starts) return;
        const { verdict } = checkLinearizability(history, keyValueModel);
        expect(refuter.refutes(roles, starts)).to.equal(verdict === 'notLinearizable');
      }),
      { numRuns: 3000, seed: 1 },
    );
  });
});

describe('the linearizability checker, on histories of a simulated object', () => {
  for (const lost of [0, 0.05]) {
    it(`finds them linearizable${lost > 0 ? ', where some operations never return' : ''}`, () => {
      for (let seed = 1; seed <= 20; seed += 1) {
        const history = simulatedHistory({ seed, clients: 8, keys: 4, operations: 300, lost });
        expect(checkLinearizability(history, keyValueModel).verdict, `seed ${seed}`).to.equal('linearizable');
      }
    });
  }

  it('finds them not linearizable once one read is wrong', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const history = simulatedHistory({ seed, clients: 8, keys: 4, operations: 300, lost: 0.02 });
      const reads = [...history.keys()].filter((i) => history[i]?.output);
      const at = reads[Math.floor((reads.length * seed) / 21)] ?? 0;
      const read = history[at];
      if (!read) throw new Error(`The history of seed ${seed} has no read.`);
      // The same but for its last write, twice: no write is there to have made it.
      history[at] = { ...read, output: `${read.output}!` };
      const verdict = checkLinearizability(history, keyValueModel);
      if (verdict.verdict !== 'notLinearizable') throw new Error(`Seed ${seed}: ${verdict.verdict}`);
      expect(verdict.failure.offender, `seed ${seed}`).to.equal(history[at]);
    }
  });

  it('decides 20,000 operations on 50 keys by 20 clients', () => {
    const history = simulatedHistory({ seed: 1, clients: 20, keys: 50, operations: 20_000, lost: 0.001 });
    expect(checkLinearizability(history, keyValueModel).verdict).to.equal('linearizable');
  });

  it('decides 20,000 operations one after another on one key', () => {
    const history = Array.from({ length: 10_000 }, (_, i) => [
      put(0, [4 * i, 4 * i + 1], `(${i})`),
      get(0, [4 * i + 2, 4 * i + 3], `(${i})`),
    ]).flat();
    expect(checkLinearizability(history, withReadsAlone(keyValueModel)).verdict).to.equal('linearizable');
  });
});
