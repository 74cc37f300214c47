import { expect } from 'chai';
import type { LoadFrame, NodeFrame } from '../../../runtime/observation/clusterFrame.ts';
import { ClusterGathering } from '../../../runtime/observation/clusterGathering.ts';

const log = { tail: [], lastIndex: 4, commitIndex: 3, appliedIndex: 3, snapshotIndex: 0, durableIndex: 4 };
const load: LoadFrame = { commitsPerSecond: 1, commitMsMedian: 1, commitMsP99: 2 };

function sight(id: string, more: Partial<NodeFrame> = {}, measured: LoadFrame | null = null) {
  const node: NodeFrame = {
    ...{ id, state: 'up', role: 'follower', term: 2, votedFor: 'n1', leader: 'n1', election: null },
    ...{ leaderHeardAt: 1, leadershipTransfer: false, votes: [], log, peers: [], actors: [], ...more },
  };
  return { node, messages: [], events: [], load: measured };
}

describe('the gathering of a cluster', () => {
  let now: number;
  let gathering: ClusterGathering;

  beforeEach(() => {
    now = 10;
    gathering = new ClusterGathering(['n1', 'n2'], () => now);
  });

  it('shows all members in their order, also those that have told nothing', () => {
    gathering.take(sight('n2'));
    const { nodes, time, events } = gathering.frame();
    expect(time).to.equal(10);
    expect(nodes.map(({ id, state, term }) => [id, state, term])).to.deep.equal([
      ['n1', 'down', 0],
      ['n2', 'up', 2],
    ]);
    expect(events, 'of what was never seen there is no news').to.deep.equal([]);
  });

  it('keeps of one that is down what it told last, and tells when it goes and comes back', () => {
    gathering.take(sight('n1', { role: 'leader', votes: ['n1', 'n2'] }, load));
    expect(gathering.frame().load).to.deep.equal(load);
    gathering.note('n1', 'down');
    gathering.note('n1', 'down');
    const { nodes, events, load: measured } = gathering.frame();
    expect(nodes[0]).to.deep.include({ state: 'down', role: 'follower', term: 2, votes: [], log });
    expect(events.map(({ text }) => text)).to.deep.equal(['n1, the leader of term 2, is down.']);
    expect(measured).to.equal(null);
    gathering.take(sight('n1'));
    expect(gathering.frame().events.map(({ type }) => type)).to.deep.equal(['restarted']);
  });

  it('shows one that stands still as it was', () => {
    gathering.take(sight('n1', { role: 'leader' }, load));
    gathering.note('n1', 'paused');
    const { nodes, events, load: measured } = gathering.frame();
    expect(nodes[0]).to.deep.include({ state: 'paused', role: 'leader' });
    expect(events.map(({ type }) => type)).to.deep.equal(['paused']);
    expect(measured).to.equal(null);
  });

  it('gives messages and events once, events in the order of time; cuts as long as they last', () => {
    now = 20;
    gathering.tell({ time: 20, type: 'network', node: null, term: null, text: 'later' });
    const early = { time: 15, type: 'voteGranted', node: 'n1', term: 2, text: 'sooner' } as const;
    gathering.take({ ...sight('n1'), events: [early] });
    gathering.cuts = [{ from: 'n1', to: 'n2' }];
    const { events, cuts } = gathering.frame();
    expect(events.map(({ text }) => text)).to.deep.equal(['sooner', 'later']);
    expect(cuts).to.deep.equal([{ from: 'n1', to: 'n2' }]);
    const again = gathering.frame();
    expect(again.events).to.deep.equal([]);
    expect(again.cuts).to.deep.equal(cuts);
  });

  it('takes the load of the leader of the latest term', () => {
    gathering.take(sight('n1', { role: 'leader', term: 2 }, load));
    gathering.take(sight('n2', { role: 'leader', term: 3 }, { ...load, commitsPerSecond: 7 }));
    expect(gathering.frame().load?.commitsPerSecond).to.equal(7);
  });

  it('adds up what clients do, also where nobody leads', () => {
    const clients = { connected: 2, commandsPerSecond: 30, commandMsMean: 1 };
    gathering.take({ ...sight('n1'), clients });
    gathering.take({ ...sight('n2'), clients: { connected: 1, commandsPerSecond: 10, commandMsMean: 5 } });
    expect(gathering.frame().load).to.deep.equal({
      ...{ commitsPerSecond: 0, commitMsMedian: null, commitMsP99: null },
      clients: { connected: 3, commandsPerSecond: 40, commandMsMean: 2 },
    });
    gathering.note('n2', 'down');
    expect(gathering.frame().load?.clients).to.deep.equal(clients);
  });
});
