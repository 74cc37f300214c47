import { expect } from 'chai';
import fc from 'fast-check';
import { backOffMs } from '../../../runtime/transport/backOff.ts';
import { Warnings } from '../../../runtime/transport/warnings.ts';
import { WarningLog } from './tcpTestBed.ts';

describe('Warnings of the transport', () => {
  let now: number;
  let log: WarningLog;
  let warnings: Warnings;

  beforeEach(() => {
    now = 0;
    log = new WarningLog();
    warnings = new Warnings(log.onWarning, 1000, () => now);
  });

  const scan = (host: string): void => warnings.warn('garbage', host, `garbage from ${host}`, `${host}:1`);

  it('come once in a period for the same kind and subject, with the number of those held back', () => {
    for (let k = 0; k < 50; k += 1) scan('a');
    expect(log.all).to.have.length(1);
    now = 999;
    scan('a');
    expect(log.all).to.have.length(1);
    now = 1000;
    scan('a');
    expect(log.all.map((warned) => warned.suppressed)).to.deep.equal([0, 50]);
  });

  it('about different subjects, and of different kinds, do not hold each other back', () => {
    scan('a');
    scan('b');
    warnings.warn('oversize', 'a', 'too large', 'a:1', 'n2');
    expect(log.all.map((warned) => [warned.kind, warned.remote, warned.peer])).to.deep.equal([
      ['garbage', 'a:1', undefined],
      ['garbage', 'b:1', undefined],
      ['oversize', 'a:1', 'n2'],
    ]);
  });

  it('are bounded even if every one has a new subject', () => {
    for (let k = 0; k < 10_000; k += 1) scan(`host${k}`);
    expect(log.all).to.have.length.below(20);
    now = 1000;
    scan('another');
    expect(log.all.at(-1)?.remote).to.equal('another:1');
  });
});

describe('The back-off', () => {
  const backOff = (failures: number, chance: number): number =>
    backOffMs(failures, { next: () => chance }, 50, 1000);

  it('stays between its bounds, whatever the number of failures', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), chance, (failures, value) => {
        expect(backOff(failures, value)).to.be.within(50, 1000);
      }),
    );
  });

  it('doubles its ceiling with each failure up to the upper bound, and spreads below it', () => {
    const ceilings = [1, 2, 3, 4, 5, 6].map((failures) => Math.round(backOff(failures, 1 - 1e-9)));
    expect(ceilings).to.deep.equal([100, 200, 400, 800, 1000, 1000]);
    expect([0, 0.5].map((chance) => backOff(6, chance))).to.deep.equal([50, 525]);
  });
});
