/** The end of a turn of the event loop, and what leads to more. */
import { expect } from 'chai';
import { atTurnEnd } from '../../../runtime/turnEnd.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the end of a turn', () => {
  it('comes once for all that was given, and for what that leads to', async () => {
    const done: string[] = [];
    atTurnEnd(() => {
      done.push('first');
      atTurnEnd(() => done.push('of the first'));
    });
    atTurnEnd(() => done.push('second'));
    expect(done).to.deep.equal([]);
    await turn();
    expect(done).to.deep.equal(['first', 'second', 'of the first']);
  });

  it('lets the event loop turn where no end of it is to be seen', async () => {
    let runs = 0;
    let goesOn = true;
    const again = () => {
      runs += 1;
      if (goesOn) atTurnEnd(again);
    };
    atTurnEnd(again);
    await turn();
    const inOneTurn = runs;
    await turn();
    expect(runs).to.be.greaterThan(inOneTurn);
    goesOn = false;
    await turn();
  });

  it('goes on behind a task that fails', async () => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve));
    const done: string[] = [];
    atTurnEnd(() => {
      throw new Error('a fault of the program');
    });
    atTurnEnd(() => done.push('second'));
    expect(await uncaught).to.have.property('message', 'a fault of the program');
    for (const listener of listeners) process.on('uncaughtException', listener);
    await turn();
    expect(done).to.deep.equal(['second']);
  });
});
