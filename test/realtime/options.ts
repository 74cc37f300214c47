/** The flags of `npm run test:realtime`. */
import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { integerReader } from '../../kv/commandLine/arguments.ts';
import { isPart, type Part, partNames } from './parts.ts';

const repeatMax = 10_000;
const jobsMax = 64;
const seedMax = 1_000_000_000;

export interface Options {
  readonly part: readonly Part[];
  readonly repeat: number;
  readonly jobs: number;
  /** Of the first repetition; each has the next one. */
  readonly seed: number;
  /** A Markdown file to append to. */
  readonly evidence?: string;
}

/** @throws CommanderError for help as for wrong flags; its message is what there is to say */
export function readOptions(args: readonly string[]): Options {
  const command = new Command('npm run test:realtime --')
    .description(
      "Runs the labs' scenarios on the machine's clock: each repetition of a part is a process with a seed of its own.",
    )
    .option(
      '--part <parts>',
      `which of ${partNames.join(', ')}, with commas between (default: all)`,
      readParts,
    )
    .option('--repeat <number>', 'how often', integerReader(1, repeatMax), 1)
    .option(
      '--jobs <number>',
      'how many processes at a time (default: one for each core)',
      integerReader(1, jobsMax),
    )
    .option('--seed <number>', 'seed of the first repetition (default: drawn)', integerReader(0, seedMax))
    .option('--evidence <file>', 'append what came out to this Markdown file')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    // Errors leave through what is thrown, as one line.
    .configureOutput({ outputError: () => {} })
    .parse(args, { from: 'user' });
  const given = command.opts<Partial<Options>>();
  return {
    ...{ part: given.part ?? partNames, repeat: given.repeat ?? 1 },
    jobs: given.jobs ?? availableParallelism(),
    seed: given.seed ?? Math.floor(Math.random() * 1_000_000),
    ...(given.evidence !== undefined && { evidence: given.evidence }),
  };
}

function readParts(text: string, before: readonly Part[] = []): readonly Part[] {
  const chosen = text.split(',').map((name) => {
    if (isPart(name)) return name;
    throw new InvalidArgumentError(`There is no part "${name}": choose from ${partNames.join(', ')}.`);
  });
  return [...new Set([...before, ...chosen])];
}
