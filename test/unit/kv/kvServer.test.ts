/** The key/value server's chart by itself: when it lets queries be answered. */
import { expect } from 'chai';
import { createActor } from 'xstate';
import { kvServerMachine } from '../../../kv/kvServer.ts';
import type { KvServing } from '../../../kv/kvServing.ts';
import { ItemKind } from '../../../kv/wire.ts';

/** What the chart asked of the work behind it, in order. */
function started() {
  const done: string[] = [];
  const state = { restored: () => {} };
  const note = (what: string) => () => {
    done.push(what);
  };
  const serving = {
    ...{ apply: note('apply'), take: note('take'), refuse: note('refuse'), failWaits: note('failWaits') },
    ...{ askForReadIndex: note('askForReadIndex'), noteReadIndex: note('noteReadIndex') },
    answerQueries: (lastApplied: number) => done.push(`answer as of ${lastApplied}`),
    restore: () => new Promise<void>((resolve) => (state.restored = resolve)),
    ...{ isOverloaded: () => false, logIsLarge: () => false, nextDeadline: Number.POSITIVE_INFINITY },
  } as unknown as KvServing; // of the work, this chart uses these alone
  const actor = createActor(kvServerMachine, { input: { serving, lastApplied: 3 } });
  actor.start();
  return { actor, done, state };
}

const item = (kind: ItemKind) => ({ kind, body: new Uint8Array(0) });

describe('a key/value server', () => {
  it('answers no query from half a snapshot', async () => {
    const { actor, done, state } = started();
    actor.send({ type: 'snapshotReceived', snapshot: { index: 9, term: 1 } });
    actor.send({ type: 'readConfirmed', tokens: [1], readIndex: 5 });
    expect(done).to.deep.equal(['noteReadIndex']);
    state.restored();
    await Promise.resolve();
    await Promise.resolve();
    expect(done).to.deep.equal(['noteReadIndex', 'answer as of 9']);
    actor.send({ type: 'readConfirmed', tokens: [2], readIndex: 9 });
    expect(done.slice(2)).to.deep.equal(['noteReadIndex', 'answer as of 9']);
  });

  it('that follows takes requests of queries that any member may answer, and no others', () => {
    const { actor, done } = started();
    const { memberQuery, query, command } = ItemKind;
    actor.send({ type: 'requested', token: 1, items: [item(memberQuery), item(memberQuery)] });
    expect(done.splice(0)).to.deep.equal(['take', 'askForReadIndex']);
    for (const kind of [query, command]) {
      actor.send({ type: 'requested', token: 2, items: [item(memberQuery), item(kind)] });
      expect(done.splice(0), `with one of kind ${kind}`).to.deep.equal(['refuse']);
    }
    actor.send({ type: 'leadershipGained' });
    actor.send({ type: 'requested', token: 3, items: [item(query), item(command)] });
    expect(done).to.deep.equal(['take', 'askForReadIndex']);
  });
});
