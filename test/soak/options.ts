/** The flags of `npm run soak`. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { integerReader } from '../../kv/commandLine/arguments.ts';
import type { Steps } from '../../runtime/simulation/soak/shrink.ts';
import { variants } from '../../runtime/simulation/soak/variants.ts';

const seedMax = 1_000_000_000;
const seedsMax = 100_000_000;
const jobsMax = 256;
const nodesMax = 9;

export interface Options {
  readonly seeds: number;
  readonly from: number;
  readonly nodes: number;
  readonly jobs: number;
  /** A broken node in place of a sound one. */
  readonly variant?: string;
  /** One seed, told in words, in place of many. */
  readonly replay?: number;
  /** Of the replayed seed: the faults that are kept. */
  readonly steps?: Steps;
  readonly evidence?: string;
}

/** @throws CommanderError for help as for wrong flags; its message is what there is to say */
export function readOptions(args: readonly string[]): Options {
  const command = new Command('npm run soak --')
    .description(
      'Runs many seeds of the simulator, each a minute of a cluster under faults, and looks for a violation of what must hold.',
    )
    .option('--seeds <number>', 'how many', integerReader(1, seedsMax), 1000)
    .option('--from <seed>', 'the first one', integerReader(0, seedMax), 1)
    .option('--nodes <number>', 'in each cluster', integerReader(3, nodesMax), 5)
    .option('--jobs <number>', 'processes at a time (default: one for each core)', integerReader(1, jobsMax))
    .option('--variant <name>', 'a node with a broken rule, by a part of its name', readVariant)
    .option('--replay <seed>', 'tell one seed in words in place of running many', integerReader(0, seedMax))
    .option('--steps <places>', 'with --replay: the faults to keep, such as 3,7,12', readSteps)
    .option('--evidence <file>', 'append what came out to this Markdown file')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    // Errors leave through what is thrown, as one line.
    .configureOutput({ outputError: () => {} })
    .parse(args, { from: 'user' });
  const given = command.opts<Omit<Options, 'jobs'> & { jobs?: number }>();
  return { ...given, jobs: given.jobs ?? availableParallelism() };
}

function readSteps(text: string): Steps {
  const steps = text === '' ? [] : text.split(',').map(Number);
  if (steps.every((step) => Number.isInteger(step) && step >= 0)) return steps;
  throw new InvalidArgumentError(`"${text}" are no places in a schedule: write numbers with commas between.`);
}

function readVariant(text: string): string {
  const found = variants.filter(({ name }) => name.includes(text));
  if (found.length === 1 && found[0]) return found[0].name;
  const names = variants.map(({ name }) => name).join('; ');
  throw new InvalidArgumentError(
    `"${text}" is part of ${found.length} names: give a part of one alone. There are: ${names}.`,
  );
}
