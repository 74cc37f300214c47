/** How much of the time the writing of a snapshot takes. */
import { expect } from 'chai';
import { SnapshotPace } from '../../../kv/snapshotPace.ts';

/** Takes so many ms for each piece of work; what rests there were behind them, ms. */
function restsOf(...works: number[]): Promise<number[]> {
  return restsWhile(0, works);
}

/** The same while the log is so many bytes too long. */
async function restsWhile(logBytesOver: number, works: readonly number[]): Promise<number[]> {
  let now = 1000;
  const rests: number[] = [];
  const pace = new SnapshotPace(
    () => now,
    async (ms) => {
      rests.push(ms);
      now += ms;
    },
  );
  for (const work of works) {
    pace.resume();
    now += work;
    await pace.rest(logBytesOver);
  }
  return rests;
}

describe('the pace of a snapshot', () => {
  it('leaves four fifths of the time to others', async () => {
    expect(await restsOf(1, 0.5, 2)).to.deep.equal([4, 2, 8]);
  });

  it('saves short rests up until a timer can tell them', async () => {
    expect(await restsOf(0.125, 0, 0.125, 0.125)).to.deep.equal([1]);
  });

  it('does not take a stalled process for hard work', async () => {
    expect(await restsOf(3000, 0.5)).to.deep.equal([8, 2]);
  });

  it('hurries the more the longer the log has become meanwhile', async () => {
    const mib = 1024 * 1024;
    expect(await restsWhile(4 * mib, [1, 2])).to.deep.equal([3, 6]);
    expect(await restsWhile(16 * mib, [1, 2])).to.deep.equal([]);
    expect(await restsWhile(100 * mib, [1, 2])).to.deep.equal([]);
  });

  it('waits for real', async () => {
    const pace = new SnapshotPace(() => performance.now());
    pace.resume();
    const begun = performance.now();
    while (performance.now() < begun + 2);
    await pace.rest();
    expect(performance.now() - begun).to.be.at.least(9);
  });
});
