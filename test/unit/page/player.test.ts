import { expect } from 'chai';
import { Player } from '../../../page/player.ts';
import type { Beat, ClusterSource } from '../../../page/source/clusterSource.ts';
import { FrameHistory } from '../../../page/source/frameHistory.ts';
import type { ClusterFrame, MessageFrame } from '../../../runtime/observation/clusterFrame.ts';

const flying: MessageFrame = {
  ...{ id: '1', from: 'n1', to: 'n2', kind: 'appendEntries', term: 1, text: '', carries: false },
  ...{ isReply: false, agrees: null, sentAt: 0, arrivesAt: 1 },
};

function frameAt(time: number, messages: readonly MessageFrame[] = []): ClusterFrame {
  return { time, messages, nodes: [], cuts: [], events: [], load: null };
}

/** A source that has these frames, and no more. */
function sourceOf(frames: readonly ClusterFrame[], about: Partial<ClusterSource> = {}): ClusterSource {
  const history = new FrameHistory();
  for (const frame of frames) history.append(frame);
  return {
    ...{ history, actions: new Set(), isVirtual: true, title: '', story: null, problem: null },
    hasClients: false,
    ...{ onChange: () => {}, reach: async () => {}, link: () => null, close: () => {} },
    act: () => {
      throw new Error('Nothing is done here.');
    },
    ...about,
  } as ClusterSource; // all that a player uses of it
}

describe('the moment that is shown', () => {
  it('goes on at the pace while messages fly', () => {
    const player = new Player(sourceOf([frameAt(0, [flying]), frameAt(1000, [flying]), frameAt(2000)]));
    player.advance(0.05, 100);
    expect(player.place).to.deep.equal({ index: 0, time: 5 });
  });

  it('hurries where nothing flies, but not past the next frame', () => {
    const player = new Player(sourceOf([frameAt(0), frameAt(600, [flying]), frameAt(700)]));
    player.advance(0.1, 1);
    expect(player.place.time).to.be.closeTo(100, 1);
    for (let i = 0; i < 6; i += 1) player.advance(0.1, 1);
    expect(player.place.time).to.be.within(600, 601);
    expect(player.place.index).to.equal(1);
  });

  it('does not make up for the time in which the page was hidden', () => {
    const player = new Player(sourceOf([frameAt(0, [flying]), frameAt(1e6, [flying])]));
    player.advance(3600, 10);
    expect(player.place.time).to.equal(1);
  });

  it('steps from frame to frame, also where several are of one moment', async () => {
    const player = new Player(sourceOf([frameAt(0), frameAt(5), frameAt(5), frameAt(9)]));
    const seen = [];
    for (let i = 0; i < 4; i += 1) {
      await player.step(1);
      seen.push(player.place.index);
    }
    expect(seen).to.deep.equal([1, 2, 3, 3]);
    await player.step(-1);
    expect(player.place).to.deep.equal({ index: 2, time: 5 });
  });

  it('stops once where a story ends, and goes on from there when asked to', () => {
    const story = { title: '', introduction: '', beats: [] as Beat[], end: 10 };
    const player = new Player(
      sourceOf([frameAt(0, [flying]), frameAt(100, [flying]), frameAt(200)], { story }),
    );
    expect(player.advance(0.1, 50)).to.equal(true);
    expect(player.advance(0.1, 100)).to.equal(false);
    expect(player.place.time).to.equal(10);
    expect(player.advance(0.1, 100)).to.equal(true);
    expect(player.place.time).to.equal(20);
  });

  it('asks for more at the end of what there is', () => {
    const asked: number[] = [];
    const reach = async (time: number) => void asked.push(time);
    const player = new Player(sourceOf([frameAt(0, [flying]), frameAt(2, [flying])], { reach }));
    player.advance(0.1, 30);
    expect(asked).to.deep.equal([3]);
  });
});

describe('the frames so far', () => {
  const event = (time: number) =>
    ({ time, type: 'command', node: null, term: null, text: `at ${time}` }) as const;
  const history = () => {
    const made = new FrameHistory();
    for (const time of [0, 5, 5, 9])
      made.append({ ...frameAt(time), events: time === 0 ? [] : [event(time)] });
    return made;
  };

  it('are found by time: the last one at or before it', () => {
    const places = [-1, 0, 4.9, 5, 8, 9, 100].map((time) => history().indexAt(time));
    expect(places).to.deep.equal([0, 0, 0, 2, 2, 3, 3]);
  });

  it('forget what is behind a place, and what is before one, with its events', () => {
    const cut = history();
    cut.cutAfter(1);
    expect([cut.length, cut.end, cut.events.length]).to.deep.equal([2, 5, 1]);
    const rest = history();
    rest.cutBefore(2);
    expect(rest.events.map(({ index }) => index)).to.deep.equal([0, 1]);
    expect([rest.length, rest.begin, rest.end]).to.deep.equal([2, 5, 9]);
  });
});
