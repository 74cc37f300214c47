/** The flags of `npm run bench`. */
import { Command, InvalidArgumentError } from 'commander';
import { integerReader } from '../../kv/commandLine/arguments.ts';
import { cases } from './cases.ts';

const roundsMax = 100;
const secondsMax = 600;
const killsMax = 1000;
const minutesMax = 24 * 60;
const entriesMax = 100_000_000;

/** What stands in place of a flag that is not given. */
const usual = { rounds: 5, seconds: 5, kills: 30, minutes: 10, entries: 10_000_000 };
const quick = { rounds: 2, seconds: 1, kills: 2, minutes: 0, entries: 100_000 };

export interface Options {
  /** Names of cases. */
  readonly only: readonly string[];
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
  readonly kills: number;
  /** Of full load; 0 is half a minute. */
  readonly minutes: number;
  /** In the log, at most. */
  readonly entries: number;
  readonly quick: boolean;
  /** A folder for what comes out. */
  readonly out: string;
}

/** @throws CommanderError for help as for wrong flags; its message is what there is to say */
export function readOptions(args: readonly string[]): Options {
  const command = new Command('npm run bench --')
    .description(
      'Measures a cluster of three processes against etcd and redis-server, where they are installed, in rounds that take turns: every figure is a ratio within this run.',
    )
    .option('--only <parts>', 'these parts alone, with commas between; growth is all growth-…', readParts)
    .option('--rounds <number>', `for each system (default: ${usual.rounds})`, integerReader(1, roundsMax))
    .option('--seconds <number>', `of each round (default: ${usual.seconds})`, integerReader(1, secondsMax))
    .option('--kills <number>', `of a leader (default: ${usual.kills})`, integerReader(1, killsMax))
    .option('--minutes <number>', `of full load (default: ${usual.minutes})`, integerReader(1, minutesMax))
    .option(
      '--entries <number>',
      `in the log at most (default: ${usual.entries})`,
      integerReader(10_000, entriesMax),
    )
    .option('--quick', 'few and short rounds: to see that all works, not for figures', false)
    .option('--out <folder>', 'where the results go', 'bench-results')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\nParts:\n${partsText()}`)
    .allowExcessArguments(false)
    .exitOverride()
    // Errors leave through what is thrown, as one line.
    .configureOutput({ outputError: () => {} })
    .parse(args, { from: 'user' });
  const given = command.opts<Partial<Options> & Pick<Options, 'quick' | 'out'>>();
  return { only: cases.map(({ name }) => name), ...(given.quick ? quick : usual), ...given };
}

function partsText(): string {
  const width = Math.max(...cases.map(({ name }) => name.length));
  return cases.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`).join('\n');
}

function readParts(text: string, before: readonly string[] = []): readonly string[] {
  const chosen = text.split(',').flatMap((part) => {
    const found = cases.filter(({ name }) => name === part || name.startsWith(`${part}-`));
    if (found.length > 0) return found.map(({ name }) => name);
    const names = cases.map(({ name }) => name).join(', ');
    throw new InvalidArgumentError(`There is no part "${part}": choose from ${names}.`);
  });
  return [...new Set([...before, ...chosen])];
}
