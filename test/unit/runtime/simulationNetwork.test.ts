/** Calls on the simulated network, across the lives of those who make them. */
import { expect } from 'chai';
import type { RaftReply, RaftRequest } from '../../../machines/messages.ts';
import { SeededRandom } from '../../../machines/random.ts';
import { SimulatedNetwork, VirtualClock } from '../../../runtime/testing.ts';

const request: RaftRequest = {
  ...{ type: 'preVote', group: 0, term: 1, from: 'n1', lastLogIndex: 0, lastLogTerm: 0 },
};
const reply: RaftReply = { type: 'preVoteReply', group: 0, term: 1, from: 'n2', voteGranted: true };

/** n2 answers whatever it is asked. */
function network() {
  const clock = new VirtualClock();
  const made = new SimulatedNetwork(clock, new SeededRandom(1));
  made.attach('n2', {
    request: (from, callId, _, life) => made.reply('n2', from, callId, life, reply),
    replied: () => {},
  });
  const heard: [string, number, unknown][] = [];
  const attach = (as: string) =>
    made.attach('n1', {
      request: () => {},
      replied: (callId, answer) => heard.push([as, callId, answer]),
    });
  return { clock, network: made, heard, attach };
}

describe('SimulatedNetwork', () => {
  it('brings a reply to the caller', async () => {
    const { clock, network: net, heard, attach } = network();
    attach('first life');
    net.call('n1', 'n2', 7, request);
    await clock.run(10);
    expect(heard).to.deep.equal([['first life', 7, reply]]);
  });

  it('brings nothing to a later life of the caller, wherever the call was when the earlier ended', async () => {
    for (const endsAt of [0.5, 1.5]) {
      const { clock, network: net, heard, attach } = network();
      attach('first life');
      net.call('n1', 'n2', 1, request);
      await clock.run(endsAt);
      net.detach('n1');
      attach('second life');
      await clock.run(10);
      expect(heard, `after a restart at ${endsAt} ms`).to.deep.equal([]);
    }
  });

  it('goes on from an image, whose lives, cuts and losses replace its own', async () => {
    const { clock, network: net, attach } = network();
    attach('first life');
    net.disconnect('n3');
    net.cut('n2', 'n3');
    net.call('n1', 'n2', 1, request);
    await clock.run(0.5);
    const image = structuredClone(net.image());
    const other = network();
    other.clock.restore(clock.image());
    other.attach('restored');
    other.network.restore(image);
    expect(other.network.image()).to.deep.equal(image);
    await other.clock.run(10);
    expect(other.heard).to.deep.equal([['restored', 1, reply]]);
  });

  it('gives one direction of a link conditions of its own, which an image keeps and a heal takes back', async () => {
    const { clock, network: net, heard, attach } = network();
    attach('only life');
    net.setLink('n1', 'n2', { hopMs: [40, 40] });
    const arrivals: number[] = [];
    net.onDelivery = () => arrivals.push(clock.now());
    net.call('n1', 'n2', 1, request);
    await clock.run(100);
    expect(arrivals, 'the slow request, the reply as quick as ever').to.deep.equal([40, 41]);
    expect(structuredClone(net.image()).links.map(([link]) => link)).to.deep.equal(['n1>n2']);
    net.heal();
    net.call('n1', 'n2', 2, request);
    await clock.run(200);
    expect(arrivals.slice(2)).to.deep.equal([101, 102]);
    expect(heard).to.have.length(2);
  });

  it('lets requests, their duplicates and replies come late, each by conditions of its own', async () => {
    const { clock, network: net, attach } = network();
    attach('only life');
    const arrivals: [string, number][] = [];
    net.onDelivery = (_, to) => arrivals.push([to, clock.now()]);
    net.conditions = { ...net.conditions, duplication: 1, lateRequests: 1, lateRequestMs: [50, 50] };
    net.call('n1', 'n2', 1, request);
    await clock.run(100);
    expect(arrivals).to.deep.equal([
      ...[
        ['n2', 50],
        ['n2', 50],
        ['n1', 51],
        ['n1', 51],
      ],
    ]);
    arrivals.length = 0;
    net.conditions = { ...net.conditions, duplication: 0, lateRequests: 0, replyHopMs: [7, 7] };
    net.call('n1', 'n2', 2, request);
    await clock.run(200);
    expect(arrivals).to.deep.equal([
      ['n2', 101],
      ['n1', 108],
    ]);
  });

  it('keeps what arrives at a paused node until it goes on', async () => {
    const { clock, network: net } = network();
    const heard: number[] = [];
    const hear = () => heard.push(clock.now());
    net.attach('n1', { request: hear, replied: hear, pausedUntil: 60 });
    net.call('n1', 'n2', 1, request);
    net.call('n2', 'n1', 1, request);
    await clock.run(59);
    expect(heard).to.deep.equal([]);
    const image = structuredClone(net.image());
    expect(image.flights.map(({ time }) => time)).to.deep.equal([60, 60]);
    await clock.run(100);
    expect(heard).to.deep.equal([60, 60]);
  });
});
