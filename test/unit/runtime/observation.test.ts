import { expect } from 'chai';
import { newsOfNode } from '../../../runtime/observation/newsOfNode.ts';
import { NodeObserver } from '../../../runtime/observation/nodeObserver.ts';
import { harness } from './nodeHarness.ts';

describe('an observer of a node', () => {
  it('sees who leads, with its log, its peers and the states of its actors', async () => {
    const { node, elect, clock, disk, pass } = harness({}, { noopAtTermStart: true });
    const observer = new NodeObserver(node, { now: () => clock.now() });
    await elect();
    disk.isFast = true;
    node.propose(new TextEncoder().encode('put x 1'));
    await pass(0);
    const frame = observer.frame();
    expect(frame).to.include({
      id: 'n1',
      state: 'up',
      role: 'leader',
      term: 1,
      leader: 'n1',
      election: null,
    });
    expect(frame.votes).to.have.members(['n1', 'n2']);
    expect(frame.log.tail).to.deep.equal([
      { index: 1, term: 1, kind: 'internal', text: 'begins the term' },
      { index: 2, term: 1, kind: 'command', text: 'put x 1' },
    ]);
    expect(frame.log).to.include({ lastIndex: 2, commitIndex: 0, appliedIndex: 0, snapshotIndex: 0 });
    expect(frame.peers.map(({ peer, state }) => `${peer} ${state}`)).to.deep.equal([
      'n2 probing',
      'n3 probing',
    ]);
    const raft = frame.actors.find(({ id }) => id === 'raft');
    expect(raft?.active).to.include('raft.leader.quorum.watching');
    expect(JSON.parse(JSON.stringify(frame))).to.deep.equal(frame);
    await node.stop();
  });

  it('gives the transition that last changed a state, with its event', async () => {
    const { node, elect, clock } = harness();
    const observer = new NodeObserver(node, { now: () => clock.now() });
    await elect();
    const raft = observer.frame().actors.find(({ id }) => id === 'raft');
    expect(raft?.last?.event).to.equal('replied.requestVote');
    expect(raft?.last?.steps).to.deep.equal([
      { from: 'raft.candidate.canvassing', to: 'raft.leader' },
      { from: 'raft.leader.authority.opening', to: 'raft.leader.authority.unconfirmed' },
    ]);
    observer.close();
    await node.stop();
  });

  it('counts down in the time of the cluster, whatever the clock of the node shows', async () => {
    const { node, clock, pass } = harness();
    const observer = new NodeObserver(node, { now: () => clock.now() + 5000 });
    await pass(10);
    const { election } = observer.frame();
    expect(election?.spanMs).to.equal(600);
    expect(election?.deadline).to.be.within(5300, 5600);
    await node.stop();
  });

  it('gives the same object until something changes', async () => {
    const { node, elect, clock, pass } = harness();
    const observer = new NodeObserver(node, { now: () => clock.now() });
    const first = observer.frame();
    await pass(1);
    expect(observer.frame()).to.equal(first);
    await elect();
    expect(observer.frame()).not.to.equal(first);
    await node.stop();
  });

  it('tells of an election with its cause, and of a crash', async () => {
    const { node, elect, clock } = harness();
    const observer = new NodeObserver(node, { now: () => clock.now() });
    const before = observer.frame();
    await elect();
    const now = observer.frame();
    const texts = newsOfNode(before, now, clock.now()).map(({ type, text }) => `${type}: ${text}`);
    expect(texts).to.deep.equal(['leaderElected: n1 leads term 1, with the votes of n1, n2.']);
    const candidate = { ...before, role: 'candidate', term: 1 } as const;
    const [stood] = newsOfNode(before, candidate, 400);
    expect(stood?.text).to.equal('n1 stands for election in term 1: it has heard no leader yet.');
    const [crashed] = newsOfNode(now, { ...now, state: 'down' }, 500);
    expect(crashed).to.deep.include({ type: 'crashed', text: 'n1, the leader of term 1, is down.' });
    await node.stop();
  });
});
