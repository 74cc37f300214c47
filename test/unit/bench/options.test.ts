import { expect } from 'chai';
import { CommanderError } from 'commander';
import { readOptions } from '../../bench/options.ts';

describe('the flags of the bench', () => {
  it('choose parts, and how long', () => {
    const args =
      '--only set,get --only set --rounds 3 --seconds 2 --kills 7 --minutes 1 --entries 20000 --out x';
    expect(readOptions(args.split(' '))).to.deep.equal({
      ...{ only: ['set', 'get'], rounds: 3, seconds: 2, kills: 7, minutes: 1, entries: 20_000 },
      ...{ quick: false, out: 'x' },
    });
  });

  it('mean all parts of a family by its name', () => {
    const { only } = readOptions(['--only', 'growth']);
    expect(only).to.include('growth-clients').and.include('growth-restart').and.not.include('set');
  });

  it('may all be left out', () => {
    const { only, rounds, kills, minutes, out } = readOptions([]);
    expect(only).to.include('one-client').and.include('failover');
    expect({ rounds, kills, minutes, out }).to.deep.equal({
      ...{ rounds: 5, kills: 30, minutes: 10, out: 'bench-results' },
    });
  });

  it('stand above what --quick says', () => {
    const { rounds, seconds } = readOptions(['--quick', '--rounds', '4']);
    expect({ rounds, seconds }).to.deep.equal({ rounds: 4, seconds: 1 });
  });

  for (const [args, message] of [
    ['--only grow', 'There is no part "grow": choose from one-client, set,'],
    ['--rounds 0', 'Give a whole number from 1 to 100.'],
    ['--entries 1', 'Give a whole number from 10000 to'],
    ['5', 'too many arguments'],
  ] as const) {
    it(`are refused where they are wrong: ${args}`, () => {
      expect(() => readOptions(args.split(' '))).to.throw(CommanderError, message);
    });
  }
});
