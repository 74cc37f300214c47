import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { Appended, Committed } from '../../../machines/streams.ts';
import { CommitGauge } from '../../../runtime/observation/commitGauge.ts';

describe('the gauge of commits', () => {
  let now: number;
  let node: { streams: { appended$: Subject<Appended>; committed$: Subject<Committed> }; isLeader: boolean };
  let gauge: CommitGauge;

  beforeEach(() => {
    now = 1000;
    node = { streams: { appended$: new Subject(), committed$: new Subject() }, isLeader: true };
    gauge = new CommitGauge(node, () => now);
  });

  const append = (lastIndex: number) => node.streams.appended$.next({ lastIndex });
  const commit = (commitIndex: number) => node.streams.committed$.next({ commitIndex });

  it('counts entries a second, and the time of each from its proposal to its commit', () => {
    commit(10);
    append(11);
    now += 2;
    append(110);
    now += 1;
    commit(110);
    // One entry took 3 ms, 99 of the same batch 1 ms.
    expect(gauge.measure()).to.deep.equal({ commitsPerSecond: 50, commitMsMedian: 1, commitMsP99: 1 });
    append(111);
    now += 7;
    commit(111);
    expect(gauge.measure()).to.deep.equal({ commitsPerSecond: 50.5, commitMsMedian: 1, commitMsP99: 3 });
  });

  it('times the parts of a batch that are committed one after the other', () => {
    commit(0);
    append(10);
    now += 1;
    commit(4);
    now += 4;
    commit(10);
    expect(gauge.measure()).to.deep.equal({ commitsPerSecond: 5, commitMsMedian: 5, commitMsP99: 5 });
  });

  it('forgets what lies two seconds back', () => {
    commit(0);
    append(1);
    commit(1);
    now += 1999;
    expect(gauge.measure()).to.include({ commitsPerSecond: 0.5 });
    now += 1;
    expect(gauge.measure()).to.deep.equal({ commitsPerSecond: 0, commitMsMedian: null, commitMsP99: null });
  });

  it('says nothing of a follower, and times nothing of an earlier leadership', () => {
    commit(0);
    append(5);
    node.isLeader = false;
    expect(gauge.measure()).to.equal(null);
    now += 1500;
    commit(3);
    node.isLeader = true;
    append(6);
    now += 1;
    commit(6);
    expect(gauge.measure()).to.deep.include({ commitMsMedian: 1, commitMsP99: 1 });
  });

  it('listens no more once it is closed', () => {
    gauge.close();
    expect(node.streams.appended$.observed || node.streams.committed$.observed).to.equal(false);
  });
});
