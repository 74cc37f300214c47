import { expect } from 'chai';
import { ClientGauge } from '../../../kv/page/clientGauge.ts';

describe('the gauge of clients', () => {
  let now: number;
  let total: { calls: number; microseconds: number };
  let gauge: ClientGauge;

  beforeEach(() => {
    now = 0;
    total = { calls: 1000, microseconds: 9e9 };
    gauge = new ClientGauge({ connections: () => 3, commandTotal: () => ({ ...total }) }, () => now);
  });

  const pass = (ms: number, calls: number, microsecondsEach: number) => {
    now += ms;
    total.calls += calls;
    total.microseconds += calls * microsecondsEach;
    return gauge.measure();
  };

  it('counts what was done since somebody looks, and later in the last two seconds', () => {
    expect(gauge.measure()).to.deep.equal({ connected: 3, commandsPerSecond: 0, commandMsMean: null });
    expect(pass(500, 50, 2000)).to.deep.equal({ connected: 3, commandsPerSecond: 100, commandMsMean: 2 });
    expect(pass(1500, 150, 6000)).to.include({ commandsPerSecond: 100, commandMsMean: 5 });
    expect(pass(1500, 0, 0)).to.include({ commandsPerSecond: 50, commandMsMean: 6 });
    expect(pass(2000, 0, 0)).to.include({ commandsPerSecond: 0, commandMsMean: null });
  });

  it('begins anew where the counters do', () => {
    pass(1000, 100, 1000);
    total = { calls: 0, microseconds: 0 };
    expect(pass(1000, 10, 3000)).to.include({ commandsPerSecond: 0, commandMsMean: null });
    expect(pass(1000, 10, 3000)).to.include({ commandsPerSecond: 10, commandMsMean: 3 });
  });
});
