/** What is seen of running nodes while somebody looks, and that nothing is left of it afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { askRedis } from '../../../kv/commandLine/redisClient.ts';
import { describeCommand } from '../../../kv/describeCommand.ts';
import { type KvNode, startKvNode } from '../../../kv/kvNode.ts';
import { sharedNow } from '../../../kv/page/sharedNow.ts';
import type { NodeSight } from '../../../runtime/observation/clusterGathering.ts';
import { NodeWatch } from '../../../runtime/observation/nodeWatch.ts';
import { eventually } from '../../eventually.ts';
import { freeBase } from '../../freePorts.ts';

const host = '127.0.0.1';

describe('a watch of nodes that run', () => {
  let folder: string;
  let nodes: KvNode[];
  let watches: NodeWatch[];
  let leader: KvNode;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    const base = await freeBase();
    const names = ['n1', 'n2', 'n3'];
    const members = Object.fromEntries(names.map((id, place) => [id, { host, port: base + place }]));
    nodes = await Promise.all(
      names.map((id) =>
        startKvNode({
          ...{ clusterId: 'c1', id, members, data: path.join(folder, id), redis: { host, port: 0 } },
        }),
      ),
    );
    leader = await eventually('a node leads', async () => nodes.find(({ node }) => node.isLeader));
  });

  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    watches = nodes.map((node) => new NodeWatch(node, { now: sharedNow, describe: describeCommand }));
  });

  afterEach(() => {
    for (const watch of watches) watch.close();
  });

  const watchOf = (node: KvNode): NodeWatch => watches[nodes.indexOf(node)] as NodeWatch; // one for each

  const write = async (value: string): Promise<void> => {
    expect(await askRedis({ host, port: leader.redisPort }, ['SET', 'key', value], 10_000)).to.equal('OK');
  };

  it('sees a write: the entry, the messages that carry it, and how long it took', async () => {
    await write('x'.repeat(500_000));
    await write('value');
    const { node, messages, load } = watchOf(leader).look();
    expect(node).to.include({ role: 'leader', state: 'up' });
    expect(node.log.tail.at(-1)?.text).to.equal('put key value');
    expect(load?.commitMsMedian).to.be.within(0, 1000);
    expect(load?.commitsPerSecond).to.be.above(0);
    const carrying = messages.filter(({ kind, carries }) => kind === 'appendEntries' && carries);
    expect(carrying.map(({ text }) => text)).to.include(
      `I lead term ${node.term}. Here is entry ${node.log.lastIndex}.`,
    );
    const replies = messages.filter(({ isReply, agrees }) => isReply && agrees);
    for (const reply of replies) {
      const request = messages.find(({ id }) => `${id}:reply` === reply.id);
      expect(reply.to).to.equal(node.id);
      expect(reply.sentAt).to.equal(request?.arrivesAt);
      expect(reply.arrivesAt).to.be.at.least(reply.sentAt);
    }
    expect(replies).not.to.deep.equal([]);
    expect(JSON.stringify(messages).length, 'long values are not shown').to.be.below(50_000);
    expect(watchOf(leader).look().messages.length, 'each is told once').to.be.below(messages.length);
  });

  it('tells of an election step by step, with its cause', async () => {
    const [to] = nodes.filter((node) => node !== leader);
    if (!to) throw new Error('There are three.');
    const { id } = to.node.status();
    await leader.node.transferLeadership(id);
    const { term } = to.node;
    const told = [watchOf(to), watchOf(leader)].flatMap((watch) => watch.look().events);
    expect(told.map(({ text }) => text)).to.include.members([
      `${id} stands for election in term ${term}: its leader asked it to.`,
      `${leader.node.status().id} leads no longer: it has heard of term ${term}.`,
    ]);
    expect(told.find(({ type }) => type === 'leaderElected')?.text).to.contain(`${id} leads term ${term}`);
    leader = to;
  });

  it('says why a follower stands: how long it has heard nothing', async () => {
    const followers = nodes.filter((node) => node !== leader);
    const { id } = leader.node.status();
    for (const { links } of [leader])
      for (const other of followers) links.setCut(other.node.status().id, true);
    const asked = await eventually('a follower asks for votes', async () =>
      followers
        .flatMap((node) => watchOf(node).look().events)
        .find(({ type }) => type === 'preVoteAsked' || type === 'electionStarted'),
    );
    const [, ms] = /it has heard nothing of (?:n\d|a leader) for (\d+) ms/.exec(asked.text) ?? [];
    expect(Number(ms), asked.text).to.be.within(290, 3000);
    expect(asked.text).to.contain(id);
    for (const other of followers) leader.links.setCut(other.node.status().id, false);
    leader = await eventually('one leads', async () => followers.find(({ node }) => node.isLeader));
  });

  it('leaves nothing behind when it is closed', async () => {
    const sights: NodeSight[] = watches.map((watch) => watch.look());
    expect(sights).to.have.length(3);
    const { streams } = leader.node;
    const subscribers = (): number =>
      streams.appended$.observers.length + streams.committed$.observers.length;
    const watched = subscribers();
    for (const watch of watches) watch.close();
    expect(subscribers()).to.equal(watched - 2);
    await write('unseen');
    expect(watchOf(leader).look()).to.deep.include({ messages: [], events: [] });
    const again = new NodeWatch(leader, { now: sharedNow });
    expect(subscribers()).to.equal(watched);
    again.close();
  });
});
