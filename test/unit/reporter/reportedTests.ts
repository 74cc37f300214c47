/** Tests to be reported; a process of their own runs them. */
import type {} from '../../reporter/figures.ts';

describe('2A elections', () => {
  it('initial election', function () {
    if (this.test) this.test.figures = { seconds: 3.04, peers: 3, rpcs: 58, bytes: 4424, commits: 0 };
  });

  it('multiple elections', () => {
    throw new Error('no leader (with seed 7)');
  });
});

describe('something else', () => {
  it('passes', () => {});
  it('passes too', () => {});
  // Without a body it is pending.
  it('waits');
  it('fails', () => {
    throw new Error('on purpose');
  });
});
