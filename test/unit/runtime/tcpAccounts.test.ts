import { expect } from 'chai';
import { ticksPerPeriod } from '../../../runtime/transport/ticker.ts';
import { UnansweredBytes } from '../../../runtime/transport/unansweredBytes.ts';
import { WaitingCalls } from '../../../runtime/transport/waitingCalls.ts';

/** A note made just before a tick is `ticksPerPeriod` full ticks old only at the count behind that. */
const overdueAfter = ticksPerPeriod + 1;

describe('Calls that wait for a reply', () => {
  it('are given up when more than a period has passed, each at its own time', () => {
    const calls = new WaitingCalls();
    const lost: string[] = [];
    calls.add(() => lost.push('early'), 3);
    const second = calls.add(() => lost.push('a little later'), 3);
    calls.add(() => lost.push('late'), 4);
    expect(calls.giveUpOverdue(3 + overdueAfter - 1)).to.equal(undefined);
    expect(lost).to.deep.equal([]);
    expect(calls.giveUpOverdue(3 + overdueAfter)).to.equal(second);
    expect(lost).to.deep.equal(['early', 'a little later']);
    calls.giveUpOverdue(4 + overdueAfter);
    expect(lost).to.have.length(3);
    expect(calls.size).to.equal(0);
  });

  it('may be followed by others from inside the word that they are lost', () => {
    const calls = new WaitingCalls();
    calls.add(() => calls.add(() => {}, overdueAfter), 0);
    calls.giveUpOverdue(overdueAfter);
    expect(calls.size).to.equal(1);
  });

  it('take their reply once', () => {
    const calls = new WaitingCalls();
    const replies: (Uint8Array | undefined)[] = [];
    const id = calls.add((reply) => replies.push(reply), 0);
    calls.settle(id + 1, Uint8Array.of(9));
    calls.settle(id, Uint8Array.of(1));
    calls.settle(id, Uint8Array.of(2));
    expect(replies).to.deep.equal([Uint8Array.of(1)]);
  });
});

describe('The account of unanswered bytes', () => {
  it('is even again when all is answered', () => {
    const unanswered = new UnansweredBytes(5);
    const requests = Array.from({ length: 20 }, (_, k) => ({ bytes: 100 * k, tick: 5 + Math.floor(k / 4) }));
    for (const { bytes, tick } of requests) unanswered.add(bytes, tick);
    expect(unanswered.total).to.be.at.least(19_000);
    for (const { bytes, tick } of requests) unanswered.subtract(bytes, tick);
    expect(unanswered.total).to.equal(0);
  });

  it('forgets a request after a period, and is not confused by its late answer', () => {
    const unanswered = new UnansweredBytes(0);
    unanswered.add(1000, 2);
    unanswered.sweep(2 + overdueAfter - 1);
    expect(unanswered.total).to.be.at.least(1000);
    unanswered.sweep(2 + overdueAfter);
    expect(unanswered.total).to.equal(0);
    unanswered.subtract(1000, 2);
    expect(unanswered.total).to.equal(0);
  });

  it('counts a request without a payload, too', () => {
    const unanswered = new UnansweredBytes(0);
    unanswered.add(0, 0);
    expect(unanswered.total).to.be.greaterThan(0);
  });
});
