import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { CommanderError } from 'commander';
import { readOptions } from '../../realtime/options.ts';

describe('the flags of test:realtime', () => {
  it('are read', () => {
    const args = '--part 2C --repeat 100 --jobs 6 --seed 7 --evidence docs/evidence/realtime.md';
    expect(readOptions(args.split(' '))).to.deep.equal({
      ...{ part: ['2C'], repeat: 100, jobs: 6, seed: 7, evidence: 'docs/evidence/realtime.md' },
    });
  });

  it('name several parts, each once', () => {
    expect(readOptions(['--part', '2B,2A', '--part', '2A,2D']).part).to.deep.equal(['2B', '2A', '2D']);
  });

  it('may all be left out', () => {
    const { part, repeat, jobs, seed } = readOptions([]);
    expect({ part, repeat, jobs }).to.deep.equal({
      ...{ part: ['2A', '2B', '2C', '2D', '3A', '3B'], repeat: 1, jobs: availableParallelism() },
    });
    expect(seed).to.be.at.least(0);
  });

  for (const [args, message] of [
    ['--part 2Z', 'There is no part "2Z": choose from 2A, 2B, 2C, 2D, 3A, 3B.'],
    ['--part 2A,', 'There is no part "": choose from'],
    ['--repeat 0', 'Give a whole number from 1 to 10000.'],
    ['--repeat many', 'Give a whole number from 1 to 10000.'],
    ['--jobs 0', 'Give a whole number from 1 to 64.'],
    ['--seed -1', 'Give a whole number from 0 to'],
    ['--repeat', 'argument missing'],
    ['--reapeat 3', "unknown option '--reapeat'"],
    ['2A', 'too many arguments'],
  ] as const) {
    it(`are refused where they are wrong: ${args}`, () => {
      expect(() => readOptions(args.split(' '))).to.throw(CommanderError, message);
    });
  }
});
