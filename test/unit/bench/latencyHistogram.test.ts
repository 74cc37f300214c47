import { expect } from 'chai';
import { LatencyHistogram } from '../../bench/measure/latencyHistogram.ts';

describe('the histogram of latencies', () => {
  it('has percentiles within half a percent of the exact ones', () => {
    const histogram = new LatencyHistogram();
    const exact: number[] = [];
    for (let place = 0; place < 20_000; place += 1) {
      // From 0.02 ms to 20 s.
      const ms = 0.02 * 10 ** ((6 * ((place * 7919) % 20_000)) / 20_000);
      exact.push(ms);
      histogram.record(ms);
    }
    exact.sort((one, other) => one - other);
    for (const share of [0.001, 0.01, 0.5, 0.9, 0.99, 0.999, 1]) {
      const expected = exact[Math.ceil(share * exact.length) - 1] ?? 0;
      expect(histogram.percentile(share), `${share}`).to.be.closeTo(expected, 0.005 * expected + 0.0001);
    }
    expect(histogram.count).to.equal(20_000);
  });

  it('never tells more than the longest, and keeps what is too long for its buckets', () => {
    const histogram = new LatencyHistogram();
    for (const ms of [1, 2, 1_000_000]) histogram.record(ms);
    expect(histogram.maxMs).to.equal(1_000_000);
    expect(histogram.percentile(1)).to.be.at.most(1_000_000);
    expect(histogram.percentile(1)).to.be.above(400_000);
    expect(histogram.percentile(0.5)).to.be.closeTo(2, 0.01);
  });

  it('says 0 of nothing', () => {
    expect(new LatencyHistogram().percentile(0.5)).to.equal(0);
  });
});
