import { expect } from 'chai';
import { describeCommand } from '../../../kv/describeCommand.ts';
import { simulateKv } from '../../../kv/simulation/kvSimulation.ts';
import type { ClusterEvent, ClusterFrame } from '../../../runtime/observation/clusterFrame.ts';
import { SimulationObserver } from '../../../runtime/observation/simulationObserver.ts';

/** Every frame of a run in which a key is put, the leader crashes, and the key is read. */
async function story(seed: number): Promise<{ frames: ClusterFrame[]; value: string; hash: string }> {
  const { simulation, clerk, keys } = simulateKv({ nodes: 3, seed, network: { hopMs: [5, 15] } });
  const observer = new SimulationObserver(simulation, describeCommand);
  const frames: ClusterFrame[] = [];
  simulation.onTurn = () => frames.push(observer.frame());
  let value = '';
  void clerk.put('greeting', 'hi').then(async () => {
    const leader = simulation.leader() ?? '';
    expect(keys(leader)).to.deep.equal(['greeting']);
    simulation.crash(leader);
    value = await clerk.get('greeting');
  });
  await simulation.until(() => value !== '', 10_000);
  simulation.stop();
  return { frames, value, hash: simulation.trace.hash() };
}

describe('a simulated key/value cluster that is looked at', () => {
  it('shows messages under way, entries in words, a crash and the election after it', async () => {
    const { frames, value } = await story(3);
    expect(value).to.equal('hi');
    const events = frames.flatMap((frame): readonly ClusterEvent[] => frame.events);
    const types = events.map(({ type }) => type);
    expect(types.indexOf('leaderElected')).to.be.within(0, types.indexOf('crashed'));
    expect(types.lastIndexOf('leaderElected')).to.be.above(types.indexOf('crashed'));
    const texts = new Set(
      frames.flatMap(({ nodes }) => nodes.flatMap(({ log }) => log.tail.map(({ text }) => text))),
    );
    expect([...texts]).to.include.members(['begins the term', 'opens a session', 'put greeting hi']);
    const kinds = new Set(frames.flatMap(({ messages }) => messages.map(({ kind }) => kind)));
    expect([...kinds]).to.include.members([
      'requestVote',
      'appendEntries',
      'appendEntriesReply',
      'serviceRequest',
    ]);
    for (const { time, messages } of frames) {
      for (const { sentAt, arrivesAt } of messages) expect(time).to.be.within(sentAt, arrivesAt);
    }
  });

  it('is the same again from the same seed, to the last frame', async () => {
    const [first, second, other] = [await story(5), await story(5), await story(6)];
    expect(second.hash).to.equal(first.hash);
    expect(second.frames).to.deep.equal(first.frames);
    expect(other.hash).not.to.equal(first.hash);
  });
});
