import { expect } from 'chai';
import { faulty, type Measurement } from '../../bench/measure/measurement.ts';
import { type Rounds, ratioOf } from '../../bench/measure/ratio.ts';
import { figureText, outcomeOf } from '../../bench/report/figures.ts';
import { claimsTable } from '../../bench/report/markdown.ts';

const perSecond = (round: Measurement): number => round.perSecond;

function roundOf(figure: number): Measurement {
  return { ...faulty(''), fault: undefined, perSecond: figure };
}

function rounds(system: string, ...figures: readonly number[]): Rounds {
  return { system, rounds: figures.map(roundOf) };
}

describe('a ratio of two systems', () => {
  it('is the median of the ratios of rounds that stood side by side', () => {
    // The machine became slower for both: the medians alone, 20 and 20, would say 1.
    const ratio = ratioOf(rounds('ours', 40, 20, 10), rounds('etcd', 20, 10, 20), perSecond);
    expect(ratio).to.deep.equal({ median: 2, least: 0.5, most: 2 });
  });

  it('is refused when a rival was not there', () => {
    expect(ratioOf(rounds('ours', 1), rounds('etcd'), perSecond)).to.deep.equal({
      refused: 'etcd was not there',
    });
  });

  it('is refused when one round of either failed, with what went wrong', () => {
    const broken: Rounds = { system: 'etcd', rounds: [roundOf(5), faulty('member m2 is not up')] };
    const refused = { refused: 'etcd: member m2 is not up' };
    expect(ratioOf(rounds('ours', 1, 2), broken, perSecond)).to.deep.equal(refused);
    expect(ratioOf(broken, rounds('ours', 1, 2), perSecond)).to.deep.equal(refused);
  });

  it('is refused when one has fewer rounds, or nothing to divide by', () => {
    const fewer = ratioOf(rounds('ours', 1, 2), rounds('etcd', 1), perSecond);
    expect(fewer.refused).to.equal('ours has 2 rounds, etcd 1');
    const nothing = ratioOf(rounds('ours', 1, 2), rounds('etcd', 1, 0), perSecond);
    expect(nothing.refused).to.equal('etcd: round 2 has nothing to divide by');
  });

  it('is printed with its outcome, and never without one of the systems', () => {
    const target = { atLeast: 2 };
    const claimOf = (one: Rounds, other: Rounds) => ({
      ...{ what: 'SET', target, figure: ratioOf(one, other, perSecond) },
    });
    const met = claimOf(rounds('ours', 40), rounds('etcd', 20));
    const missed = claimOf(rounds('ours', 39), rounds('etcd', 20));
    const refused = claimOf(rounds('ours', 40), rounds('etcd'));
    expect([met, missed, refused].map(outcomeOf)).to.deep.equal(['met', 'missed', 'not measured']);
    expect(figureText(refused.figure)).to.equal('none: etcd was not there');
    expect(claimsTable([met, refused]).slice(2)).to.deep.equal([
      '| SET | ≥ 2.00 | 2.00 | met |',
      '| SET | ≥ 2.00 | none: etcd was not there | not measured |',
    ]);
  });

  it('meets an upper bound from below', () => {
    const claim = { what: 'CPU', target: { atMost: 0.35 } };
    const outcome = (figure: number) =>
      outcomeOf({ ...claim, figure: { median: figure, least: 0, most: 9 } });
    expect([0.35, 0.36].map(outcome)).to.deep.equal(['met', 'missed']);
  });
});
