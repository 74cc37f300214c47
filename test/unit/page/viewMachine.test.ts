import { expect } from 'chai';
import { createActor } from 'xstate';
import { paces, viewMachine } from '../../../page/viewMachine.ts';

function opened(plays = false) {
  const view = createActor(viewMachine, { input: { pace: 3, theme: 'system' } }).start();
  view.send({ type: 'sourceOpened', pace: 3, plays });
  return view;
}

describe('what somebody looks at', () => {
  it('plays and pauses, and pauses where somebody steps, looks elsewhere, or all has been told', () => {
    for (const type of ['playToggled', 'stepped', 'sought', 'endReached'] as const) {
      const view = opened(true);
      expect(view.getSnapshot().matches({ playback: 'playing' }), type).to.equal(true);
      view.send({ type });
      expect(view.getSnapshot().matches({ playback: 'paused' }), type).to.equal(true);
    }
    const view = opened();
    view.send({ type: 'playToggled' });
    expect(view.getSnapshot().matches({ playback: 'playing' })).to.equal(true);
  });

  it('has one dialog open at a time', () => {
    const view = opened();
    view.send({ type: 'storiesToggled' });
    view.send({ type: 'shareToggled' });
    expect(view.getSnapshot().value.dialog).to.equal('share');
    view.send({ type: 'dialogClosed' });
    expect(view.getSnapshot().value.dialog).to.equal('none');
    view.send({ type: 'storiesToggled' });
    view.send({ type: 'sourceOpened', pace: 1, plays: false });
    expect(view.getSnapshot().value.dialog).to.equal('none');
  });

  it('keeps the kind of actor from node to node, but for a replicator, which the other may lack', () => {
    const view = opened();
    view.send({ type: 'actorSelected', actor: 'storage' });
    view.send({ type: 'nodeSelected', node: 'n2' });
    expect(view.getSnapshot().context).to.include({ node: 'n2', actor: 'storage' });
    view.send({ type: 'actorSelected', actor: 'replicator:n1' });
    view.send({ type: 'nodeSelected', node: 'n3' });
    expect(view.getSnapshot().context).to.include({ node: 'n3', actor: 'raft' });
  });

  it('keeps the pace within what there is', () => {
    const view = opened();
    view.send({ type: 'paceChosen', pace: 99 });
    expect(view.getSnapshot().context.pace).to.equal(paces.length - 1);
    view.send({ type: 'paceChosen', pace: -1 });
    expect(view.getSnapshot().context.pace).to.equal(0);
  });

  it('turns from light to dark and back, whatever the system prefers', () => {
    const view = opened();
    view.send({ type: 'themeToggled', isDark: true });
    expect(view.getSnapshot().context.theme).to.equal('light');
    view.send({ type: 'themeToggled', isDark: false });
    expect(view.getSnapshot().context.theme).to.equal('dark');
  });
});
