import { expect } from 'chai';
import type { Outcome } from '../../realtime/outcome.ts';
import type { Part } from '../../realtime/parts.ts';
import { budgetText, evidenceText, failureText } from '../../realtime/report.ts';
import { budgetsOf, isKept, summarize } from '../../realtime/summary.ts';

function outcome(part: Part, seed: number, seconds: number, cpuSeconds: number, rpcs = 10): Outcome {
  const figures = { seconds, peers: 3, rpcs, bytes: 100 * rpcs, commits: 3 };
  return {
    ...{ part, seed, failures: [], usage: { seconds, cpuSeconds, processCpuSeconds: cpuSeconds + 1 } },
    figures: new Map([[part === '2B' ? 'basic agreement' : 'churn', figures]]),
  };
}

const broken: Outcome = {
  ...{ part: '2C', seed: 12, figures: new Map(), usage: undefined },
  failures: [{ scenario: 'churn', message: 'After 3.000 s with seed 12: terms differ: 1, 2.' }],
};

describe('the summary of runs on the real clock', () => {
  it('has a median and a maximum of each figure, part by part', () => {
    const outcomes = [outcome('2B', 1, 9, 1, 40), outcome('2B', 2, 7, 3, 20), outcome('2B', 3, 8, 2, 30)];
    const [part] = summarize([broken, ...outcomes]);
    expect(part).to.deep.include({ part: '2B', runs: 3, failed: 0 });
    expect(part?.seconds).to.deep.equal({ median: 8, max: 9 });
    expect(part?.cpuSeconds).to.deep.equal({ median: 2, max: 3 });
    expect(part?.scenarios.get('basic agreement')).to.deep.equal({
      ...{ seconds: 8, peers: 3, rpcs: 30, bytes: 3000, commits: 3 },
    });
  });

  it('counts a run that ended without a word as failed', () => {
    const [part] = summarize([broken]);
    expect(part).to.deep.include({ part: '2C', runs: 1, failed: 1 });
  });

  it('holds the slowest run against the budgets', () => {
    const [budget, ...others] = budgetsOf([outcome('2B', 1, 20, 4.9), outcome('2B', 2, 20, 5.1)]);
    expect(others).to.deep.equal([]);
    expect(budget && [budgetText(budget), isKept(budget)]).to.deep.equal([
      ...['2B, CPU of a run: 5.10 s of 5 s, over budget', false],
    ]);
  });

  it('adds the four parts of one seed up to lab 2', () => {
    const parts = ['2A', '2B', '2C', '2D'] as const;
    const outcomes = [
      ...parts.map((part) => outcome(part, 1, 80, 4)),
      ...parts.map((part) => outcome(part, 2, 95, 3)),
    ];
    expect(budgetsOf([...outcomes, outcome('2A', 3, 1000, 1000)]).map(budgetText)).to.deep.equal([
      ...['2B, CPU of a run: 4.00 s of 5 s', 'lab 2, sum of its parts: 380.00 s of 360 s, over budget'],
      'lab 2, CPU: 16.00 s of 60 s',
    ]);
  });

  it('tells of a failure what failed, and what shows it again', () => {
    expect(failureText(broken).split('\n')).to.deep.equal([
      '2C failed with seed 12',
      '  churn: After 3.000 s with seed 12: terms differ: 1, 2.',
      '  again: npm run test:realtime -- --part 2C --seed 12',
    ]);
  });

  it('is a section of a log, with the circumstances and every failure', () => {
    const outcomes = [outcome('2B', 12, 18, 2), broken];
    const section = evidenceText(
      { parts: summarize(outcomes), budgets: budgetsOf(outcomes), failed: [broken], wallSeconds: 20 },
      { date: '2030-01-02 03:04 UTC', commit: 'abc1234', node: 'v20', cores: 2, jobs: 6, seed: 12 },
    );
    expect(section)
      .to.match(/^## 2030-01-02 03:04 UTC, 2B, 2C: 2 runs, 1 failed$/m)
      .and.match(
        /^Commit abc1234, Node v20, 2 cores, 6 processes at a time, seeds from 12 on, 20 s in all\.$/m,
      )
      .and.match(/^- 2B, CPU of a run: 2\.00 s of 5 s$/m)
      .and.include(failureText(broken));
  });
});
