import { expect } from 'chai';
import { boundAnswer, leftOut } from '../../../kv/boundAnswer.ts';
import { ClerkRun, type RunKind } from '../../../kv/clerkRun.ts';
import { answerBytesMax, operationBytesExtra } from '../../../kv/limits.ts';
import { KvError, OperationCode, ok, type Reply } from '../../../kv/operation.ts';

const half = new Uint8Array(answerBytesMax / 2 - 100);
const most = new Uint8Array(answerBytesMax - 100);
const tooMuch = new Uint8Array(answerBytesMax);

describe('an answer to a clerk', () => {
  it('has all replies while there is room', () => {
    const replies: Reply[] = [half, null, half, ok];
    expect(boundAnswer(replies)).to.equal(replies);
  });

  it('leaves out what follows the first reply without room', () => {
    expect(boundAnswer([half, most, 1, null])).to.deep.equal([half, leftOut, leftOut, leftOut]);
  });

  it('refuses a reply that no answer could hold, also within a list, and goes on', () => {
    const replies = boundAnswer([tooMuch, [half, half, half], 7]);
    expect(replies[0]).to.be.instanceOf(KvError).with.property('code', 'Err');
    expect(replies[0]).to.have.property('message').that.contains('ask for fewer keys');
    expect(replies[1]).to.be.instanceOf(KvError).with.property('code', 'Err');
    expect(replies[2]).to.equal(7);
  });
});

describe('a run of operations whose replies have no room in one answer', () => {
  const runOf = (code: OperationCode, kind: RunKind) => {
    const given: (readonly Reply[])[] = [];
    const operations = ['a', 'b', 'c'].map((key) => ({ code, args: [Buffer.from(key)] }));
    const queued = { bytes: 0 };
    return {
      ...{ given, queued },
      run: new ClerkRun({
        ...{ operations, kind, deadline: 1000, queued },
        done: (replies) => given.push(replies),
      }),
    };
  };

  it('gives those of the reads that are there', () => {
    const { given, run } = runOf(OperationCode.get, 'read');
    for (const [place, reply] of [1, 2, leftOut].entries()) run.answer(place, reply);
    expect(run.finishIfAnswered()).to.equal(true);
    expect(given).to.deep.equal([[1, 2]]);
  });

  it('asks again where the first of them has no room, as another session had it', () => {
    const { given, run } = runOf(OperationCode.get, 'read');
    for (const place of [0, 1, 2]) run.answer(place, leftOut);
    expect(run.finishIfAnswered()).to.equal(false);
    expect(run.missing).to.deep.equal([0, 1, 2]);
    expect(given).to.deep.equal([]);
  });

  it('asks again for those of writes, and gives them all at once', () => {
    const { given, run } = runOf(OperationCode.append, 'write');
    for (const [place, reply] of [1, 2, leftOut].entries()) run.answer(place, reply);
    expect(run.finishIfAnswered()).to.equal(false);
    expect(run.missing).to.deep.equal([2]);
    run.answer(2, 3);
    expect(run.finishIfAnswered()).to.equal(true);
    expect(given).to.deep.equal([[1, 2, 3]]);
  });

  it('counts what it holds until it is finished, once', () => {
    const { queued, run } = runOf(OperationCode.append, 'write');
    expect(queued.bytes).to.equal(3 * (1 + operationBytesExtra));
    run.giveUp(leftOut);
    run.answer(0, 1);
    run.finishIfAnswered();
    expect(queued.bytes).to.equal(0);
  });
});
