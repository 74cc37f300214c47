/** `expect(history).to.be.linearizable(model)`, and the recorder that makes such histories. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssertionError, expect, use } from 'chai';
import { type Clerk, KvError } from 'xstate-raft';
import { chaiLinearizable, keyValueModel, recordHistory, VirtualClock } from 'xstate-raft/testing';
import { append, get, put } from './linearizabilityHistories.ts';

use(chaiLinearizable);

const right = [put(0, [0, 1], 'a'), get(1, [2, 3], 'a')];
const wrong = [put(0, [0, 1], 'a'), put(10, [2, 3.5], 'b'), get(1, [4, 5], 'a'), get(1, [4, 5], 'b')];

function messageOf(assert: () => void): string {
  try {
    assert();
  } catch (error) {
    if (error instanceof AssertionError) return error.message;
    throw error;
  }
  throw new Error('The assertion held.');
}

describe('the assertion that a history is linearizable', () => {
  const files: string[] = [];
  after(() => {
    for (const file of files) rmSync(file, { recursive: true });
  });

  it('holds for one that is, and negated for one that is not', () => {
    expect(right).to.be.linearizable(keyValueModel);
    expect(wrong).not.to.be.linearizable(keyValueModel);
  });

  it('shows the operations that contradict each other, one a line', () => {
    const message = messageOf(() => expect(wrong).to.be.linearizable(keyValueModel, { timeline: false }));
    expect(message.split('\n')).to.deep.equal([
      'expected the history of 4 operations to be linearizable, and it is not.',
      'Of 4 operations on "x", these 3 contradict each other, whatever became of the others:',
      '     0 … 1    client 0   put "x" "a"',
      '     2 … 3.5  client 10  put "x" "b"',
      '  →  4 … 5    client 1   get "x" → "a"',
    ]);
  });

  it('says what it was asked to say, and that a linearizable history was not expected', () => {
    const message = messageOf(() => expect(right, 'the soak').not.to.be.linearizable(keyValueModel));
    expect(message).to.equal(
      'the soak: expected the history of 2 operations not to be linearizable, and it is',
    );
  });

  it('writes a timeline, where it is told or among the temporary files', () => {
    const folder = join(tmpdir(), `linearizability-test-${process.pid}`);
    const file = join(folder, 'timeline.html');
    files.push(folder);
    const told = messageOf(() => expect(wrong).to.be.linearizable(keyValueModel, { timeline: file }));
    expect(told).to.include(`Timeline: ${file}`);
    const written = readFileSync(file, 'utf8');
    expect(written).to.include('Not linearizable');
    const [, other = ''] =
      /Timeline: (.*)/.exec(messageOf(() => expect(wrong).to.be.linearizable(keyValueModel))) ?? [];
    expect(readFileSync(other, 'utf8')).to.equal(written);
    files.push(other);
  });

  it('fails all the same when the timeline cannot be written', () => {
    const timeline = join(tmpdir(), 'not\0a file');
    const message = messageOf(() => expect(wrong).to.be.linearizable(keyValueModel, { timeline }));
    expect(message).to.include('could not be written').and.to.include('contradict each other');
  });

  it('fails, negated or not, when the answer is unknown', () => {
    const options = { timeLimitMs: 0 };
    const expected =
      'it is unknown whether the history of 4 operations is linearizable: the time limit of 0 ms';
    expect(messageOf(() => expect(wrong).to.be.linearizable(keyValueModel, options))).to.include(expected);
    expect(messageOf(() => expect(wrong).not.to.be.linearizable(keyValueModel, options))).to.include(
      expected,
    );
  });
});

describe('the checker', () => {
  it('needs Node for nothing but to write a file', () => {
    const folder = new URL('../../../runtime/linearizability/', import.meta.url);
    const needing = readdirSync(folder).filter((file) =>
      /from 'node:|\b(process|Buffer|require)\b[.(]/.test(readFileSync(new URL(file, folder), 'utf8')),
    );
    expect(needing).to.deep.equal(['timelineFile.ts']);
  });
});

describe('the recorder of clerks', () => {
  function clerkThat(answer: () => Promise<string>): Clerk {
    const write = async () => {
      await answer();
    };
    return { put: write, append: write, get: answer, close: () => {} };
  }

  it('records calls, returns, outputs and clients, each event after the one before', async () => {
    const clock = new VirtualClock();
    const { clerks, history } = recordHistory(
      [clerkThat(async () => 'a'), clerkThat(async () => 'b')],
      clock,
    );
    const [first, second] = clerks;
    await first?.put('x', 'a');
    expect(await second?.get('x')).to.equal('b');
    const [written, read] = history;
    expect(history.map(({ client, input, output }) => ({ client, input, output }))).to.deep.equal([
      { client: 0, input: { kind: 'put', key: 'x', value: 'a' }, output: undefined },
      { client: 1, input: { kind: 'get', key: 'x' }, output: 'b' },
    ]);
    expect(written?.returnedAt)
      .to.be.above(written?.calledAt ?? 0)
      .and.below(read?.calledAt ?? 0);
    // No time passed on the clock, and still the order is known.
    expect(history).not.to.be.linearizable(keyValueModel);
  });

  it('knows no return of what waits, nor of what was rejected in doubt', async () => {
    const clock = new VirtualClock();
    const waiting = clerkThat(() => new Promise(() => {}));
    const refused = clerkThat(() => Promise.reject(new KvError('Timeout', 'too late')));
    const { clerks, history } = recordHistory([waiting, refused], clock);
    void clerks[0]?.append('x', 'a');
    const error = await clerks[1]?.append('x', 'b').catch((reason: unknown) => reason);
    expect(error).to.have.property('code', 'Timeout');
    expect(history.map(({ returnedAt }) => returnedAt)).to.deep.equal([undefined, undefined]);
    expect([...history, get(2, [1, 2], 'ba')]).to.be.linearizable(keyValueModel);
  });

  it('leaves out what is known to have had no effect', async () => {
    const clerk = clerkThat(() => Promise.reject(new KvError('Overloaded', 'too much')));
    const { clerks, history } = recordHistory([clerk], new VirtualClock());
    await clerks[0]?.put('x', 'a').catch(() => {});
    expect(history).to.deep.equal([]);
    expect([append(0, [1, 2], 'b'), get(0, [3, 4], 'b'), ...history]).to.be.linearizable(keyValueModel);
  });
});
