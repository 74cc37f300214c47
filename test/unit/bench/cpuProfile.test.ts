import { expect } from 'chai';
import { selfTimes } from '../../bench/measure/cpuProfile.ts';

describe('the self times of a CPU profile', () => {
  const node = (id: number, functionName: string, url = '') => ({
    ...{ id, callFrame: { functionName, url, lineNumber: 9 } },
  });
  const profile = {
    nodes: [node(1, '(idle)'), node(2, 'write'), node(3, '', 'file:///x/dist/a.js'), node(4, 'write')],
    startTime: 1000,
    // At 1100, 1200, 1300, 1400, 1500.
    samples: [2, 1, 3, 4, 1],
    timeDeltas: [100, 100, 100, 100, 100],
  };
  const nameOf = (url: string) => url.replace('file:///x/dist/', '');

  it('are the time until the next sample, of each function, without idling', () => {
    const { busy, functions } = selfTimes(profile, 0, 9999, nameOf);
    expect(busy).to.equal(0.75);
    expect(functions).to.deep.equal([
      { name: 'write', share: 2 / 3 },
      { name: '(anonymous) a.js:10', share: 1 / 3 },
    ]);
  });

  it('are those of the time that was asked for alone', () => {
    expect(selfTimes(profile, 1300, 1400, nameOf).functions).to.deep.equal([
      { name: '(anonymous) a.js:10', share: 1 },
    ]);
  });
});
