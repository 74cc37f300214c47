import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { CommanderError } from 'commander';
import { readOptions } from '../../soak/options.ts';

describe('the flags of soak', () => {
  it('are read', () => {
    const args = '--seeds 10000 --from 7 --nodes 3 --jobs 2 --variant twice --replay 9 --steps 1,5';
    expect(readOptions(args.split(' '))).to.deep.equal({
      ...{ seeds: 10_000, from: 7, nodes: 3, jobs: 2, variant: 'votes twice in a term' },
      ...{ replay: 9, steps: [1, 5] },
    });
  });

  it('may all be left out', () => {
    const jobs = availableParallelism();
    expect(readOptions([])).to.deep.equal({ seeds: 1000, from: 1, nodes: 5, jobs });
  });

  it('may keep no step at all', () => {
    expect(readOptions(['--replay', '9', '--steps', '']).steps).to.deep.equal([]);
  });

  for (const [args, message] of [
    ['--seeds 0', 'Give a whole number from 1 to'],
    ['--nodes 2', 'Give a whole number from 3 to 9.'],
    ['--steps 1;2', '"1;2" are no places in a schedule'],
    ['--variant of', 'names: give a part of one alone. There are: votes without'],
    ['--variant nothing', '"nothing" is part of 0 names'],
    ['--seed 3', "unknown option '--seed'"],
    ['3', 'too many arguments'],
  ] as const) {
    it(`are refused where they are wrong: ${args}`, () => {
      expect(() => readOptions(args.split(' '))).to.throw(CommanderError, message);
    });
  }
});
