/** What is shown of a history that fails: how far it goes, what cannot be, and the fewest operations that show it. */
import { expect } from 'chai';
import {
  checkLinearizability,
  type Failure,
  type History,
  type KeyValueInput,
  type KeyValueOutput,
  keyValueModel,
  type Model,
  timelineHtml,
} from 'xstate-raft/testing';
import { append, get, type KeyValueOperation, put, simulatedHistory } from './linearizabilityHistories.ts';
import { isLinearizableByDefinition } from './linearizabilityOracle.ts';

type KeyValueFailure = Failure<string | null, KeyValueInput, KeyValueOutput>;

const { hints: _, ...withoutHints } = keyValueModel;

function failureOf(
  history: History<KeyValueInput, KeyValueOutput>,
  model: Model<string | null, KeyValueInput, KeyValueOutput> = keyValueModel,
): KeyValueFailure {
  const verdict = checkLinearizability(history, model);
  if (verdict.verdict !== 'notLinearizable') throw new Error(`The history is ${verdict.verdict}.`);
  return verdict.failure;
}

describe('what is shown of a history that is not linearizable', () => {
  it('is the read that cannot be, and what it contradicts', () => {
    const old = put(0, [0, 1], 'a');
    const last = put(0, [6, 7], 'b');
    const stale = get(1, [8, 9], 'a');
    const others = [put(1, [2, 3], 'c'), get(2, [4, 5], 'c'), put(2, [4.5], 'd'), get(0, [8, 10], 'b')];
    for (const model of [keyValueModel, withoutHints]) {
      const failure = failureOf([old, ...others, last, stale], model);
      expect(failure.offender).to.equal(stale);
      expect(failure.stretch).to.include(stale);
      expect(failure.stretch.length).to.be.below(4);
      expect(failure.prefix).to.include.members([old, last, others[0], others[1]]);
      expect(failure.prefix).not.to.include(stale);
    }
  });

  it('is a single read of what nobody wrote', () => {
    const read = get(1, [8, 9], 'z');
    const failure = failureOf([put(0, [0, 1], 'a'), get(2, [2, 3], 'a'), read, put(0, [10, 11], 'z')]);
    expect(failure.stretch).to.deep.equal([read]);
    expect(failure.begins).to.equal(undefined);
  });

  it('is the lost append and the read that lacks it', () => {
    const [first, second] = [append(0, [0, 1], 'a'), append(1, [2, 3], 'b')];
    const read = get(2, [4, 5], 'a');
    expect(failureOf([first, second, read]).stretch).to.deep.equal([second, read]);
  });

  it('ends with the first return that cannot be, also where a later answer spoils the search before', () => {
    // The read of '!' is under way from the start; that of 'b' returns before it and is the first that cannot be.
    const late = get(3, [0, 20], '!');
    const early = get(1, [4, 5], 'b');
    for (const model of [keyValueModel, withoutHints]) {
      const failure = failureOf([late, put(0, [1, 2], 'a'), early, get(2, [6, 7], 'a')], model);
      expect(failure.offender).to.equal(early);
      expect(failureOf([late, put(0, [1, 2], 'a'), get(2, [6, 7], 'a')], model).offender).to.equal(late);
    }
  });

  it('is a contradiction by itself, of which none can be spared', () => {
    let failures = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const history = simulatedHistory({ seed, clients: 4, keys: 1, operations: 60, lost: 0.05 });
      const reads = [...history.keys()].filter((i) => history[i]?.output && i > 20);
      const at = reads[seed % reads.length] ?? 0;
      const earlier = history.slice(0, 15).findLast(({ output }) => output)?.output ?? '(stale)';
      history[at] = { ...(history[at] as KeyValueOperation), output: earlier }; // `at` is the place of a read.
      const verdict = checkLinearizability(history, keyValueModel);
      if (verdict.verdict !== 'notLinearizable') continue;
      failures += 1;
      const { stretch, offender, prefix } = verdict.failure;
      const ends = offender.returnedAt ?? 0;
      const without = (spared: readonly KeyValueOperation[]) => {
        const until = verdict.failure.history.filter(({ calledAt }) => calledAt <= ends);
        return until.map((operation): KeyValueOperation => {
          const isKept = stretch.includes(operation) && !spared.includes(operation);
          return isKept ? operation : { ...operation, returnedAt: undefined };
        });
      };
      const answer = (parts: readonly KeyValueOperation[]) =>
        checkLinearizability(parts, keyValueModel).verdict;
      expect(answer(without([])), `seed ${seed}`).to.equal('notLinearizable');
      for (const one of stretch) expect(answer(without([one])), `seed ${seed}`).to.equal('linearizable');
      const before = verdict.failure.history.filter(
        ({ returnedAt }) => returnedAt !== undefined && returnedAt < ends,
      );
      expect(prefix, `seed ${seed}`).to.include.members(before);
    }
    expect(failures).to.be.above(8);
  });

  it('begins with what the state can be, where the way from the start would be too long', () => {
    // Appends and reads of all that was appended: without hints, none of them can be spared.
    const history = Array.from({ length: 24 }, (_, i) => [
      append(0, [4 * i, 4 * i + 1], `${i % 10}`),
      get(1, [4 * i + 2, 4 * i + 3], Array.from({ length: i + 1 }, (__, j) => j % 10).join('')),
    ]).flat();
    history.push(get(2, [1000, 1001], 'wrong'));
    const failure = failureOf(history, { ...withoutHints, step: needsAll });
    expect(failure.stretch.length).to.be.below(10);
    expect(failure.begins?.states).to.have.length(1);
    expect(isLinearizableByDefinition(failure.stretch, startingWith(failure.begins?.states[0]))).to.equal(
      false,
    );
  });

  it('is drawn as a page that needs nothing else, with all text escaped', () => {
    const history = [
      put(0, [0, 1], '<b>&"'),
      put(1, [0.5], 'x'),
      get(0, [2, 3], '<script>alert(1)</script>'),
    ];
    const html = timelineHtml(keyValueModel, failureOf(history));
    expect(html).to.include('&#60;script&#62;alert(1)').and.to.include('linearizable until 3');
    expect(html.match(/<script/g), 'scripts').to.have.length(1);
    expect(html).not.to.match(/(src|href)=|url\(|@import|https?:/);
    expect(html).to.include('prefers-color-scheme: dark').and.to.include('width=device-width');
    expect(html).to.include('client 0').and.to.include('client 1').and.to.include('never returned');
  });

  it('leaves out of the page what came long before', () => {
    const history = simulatedHistory({ seed: 1, clients: 5, keys: 1, operations: 500 });
    history.push(get(9, [9000, 9001], 'wrong', 'k0'));
    const html = timelineHtml(keyValueModel, failureOf(history));
    expect(html).to.include('480 earlier operations are not shown');
    expect(html.match(/class="bar /g)).to.have.length(21);
  });
});

/** As the model's, but an append is refused after anything but the append before it. */
function needsAll(...[state, input, output, returned]: Parameters<typeof keyValueModel.step>) {
  if (input.kind === 'append' && (state ?? '').length % 10 !== Number(input.value)) return undefined;
  return keyValueModel.step(state, input, output, returned);
}

function startingWith(state: string | null | undefined) {
  return { ...keyValueModel, step: needsAll, init: () => state ?? null };
}
