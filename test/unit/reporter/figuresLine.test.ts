import { expect } from 'chai';
import { failedLine, figuresLine, fitted, headLine, nameWidth } from '../../../test/reporter/figuresLine.ts';
import { handout, longestName, printsBytes } from '../../../test/reporter/handout.ts';

const ours = { seconds: 119.94, peers: 7, rpcs: 99_999, bytes: 44_771_259, commits: 1544 };
const operations = { seconds: 119.94, peers: 7, rpcs: 999_999, commits: 54_321 };

const parts = Object.entries(handout).map(([part, scenarios]) => {
  const withBytes = printsBytes(part);
  const columnAt = (width: number) => nameWidth(longestName(withBytes), width, withBytes);
  return { names: Object.keys(scenarios), scenarios, columnAt, figures: withBytes ? ours : operations };
});

describe('lines of figures', () => {
  it('put ours beside the handout’s, in columns', () => {
    const small = { seconds: 3, peers: 3, rpcs: 58, bytes: 4424, commits: 0 };
    expect(headLine('2A elections', 20, true)).to.equal(
      '  2A elections             s n  RPCs    bytes  log | handout',
    );
    expect(figuresLine('initial election', 20, small, handout['2A']?.['initial election'])).to.equal(
      '  initial election       3.0 3    58     4424    0 |   3.5 3    58    16840    0',
    );
    expect(figuresLine('multiple elections', 20, ours, handout['2A']?.['multiple elections'])).to.equal(
      '  multiple elections   119.9 7 99999 44771259 1544 |   7.3 7   624   138014    0',
    );
  });

  it('fit a terminal of 80 columns, whatever the scenario', () => {
    for (const { scenarios, columnAt, figures } of parts) {
      for (const [name, theirs] of Object.entries(scenarios)) {
        expect(figuresLine(name, columnAt(80), figures, theirs)).to.have.lengthOf(80);
      }
    }
  });

  it('cut no name where there is room', () => {
    for (const { names, columnAt, figures } of parts) {
      const column = columnAt(Number.POSITIVE_INFINITY);
      for (const name of names) expect(figuresLine(name, column, figures)).to.include(`  ${name} `);
    }
  });

  it('keep the scenarios of a part apart at 80 columns', () => {
    for (const { names, columnAt } of parts) {
      const cut = names.map((name) => fitted(name, columnAt(80)));
      expect(new Set(cut).size, cut.join('\n')).to.equal(cut.length);
    }
  });

  it('cut each term of a name that has several', () => {
    expect(fitted('unreliable net, restarts, many clients', 27)).to.equal('unrelia, restart, many cl  ');
    expect(fitted('Figure 8 (unreliable)', 12)).to.equal('Figure…able)');
  });

  it('leave the bytes out where the handout prints none, and the handout where it has no figures', () => {
    expect(headLine('3A', 4, false)).to.equal('  3A       s n   RPCs   ops | handout');
    expect(figuresLine('one', 4, { seconds: 15.5, peers: 5, rpcs: 4576, commits: 903 })).to.equal(
      '  one   15.5 5   4576   903',
    );
  });

  it('say that a scenario failed', () => {
    expect(failedLine('churn', 8)).to.equal('  churn    failed');
  });
});
