/** What the command line offers: commands, options, help. What they do is loaded when it is needed. */
import { Command, Option } from 'commander';
import type { DevOptions } from './dev.ts';
import type { NodesOptions } from './nodesToAsk.ts';
import { commandName, versionOfPackage } from './packageFacts.ts';
import {
  configEnvironment,
  requireSettings,
  resolveSettings,
  sourcesOf,
  valuesOf,
} from './resolveSettings.ts';
import type { ServeOptions } from './serveOptions.ts';
import { optionsOf, type Setting } from './setting.ts';
import { clientSettings, devSettings, serveSettings } from './settings.ts';

/** @param setExitCode told by the command that has run */
export function makeProgram(setExitCode: (code: number) => void): Command {
  const program = new Command(commandName)
    .description('A linearizable key/value store on Raft, for Redis clients.')
    .version(versionOfPackage(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    // Errors leave through runCommandLine, as one line.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      'after',
      `
Examples:
  $ npx xstate-raft dev                 three nodes on this machine, data in ./data
  $ redis-cli -p 7001 set hello world   write to it; every node takes reads and writes
  $ npx xstate-raft status              who leads, and how far each node is
  $ npx xstate-raft get hello           read and write from the shell, too
  $ npx xstate-raft config serve        what a node would run with, and where each value comes from

Every setting may also come from an environment variable, or from a file: see the help of the commands.`,
    );
  addDev(program, setExitCode);
  addServe(program, setExitCode);
  addStatus(program, setExitCode);
  addKeyCommands(program, setExitCode);
  addConfig(program, setExitCode);
  addCharts(program, setExitCode);
  return program;
}

/** Gives a command its settings. The function gives the values in force. */
function withSettings(
  command: Command,
  settings: readonly Setting[],
): () => Promise<Awaited<ReturnType<typeof resolveSettings>>> {
  for (const setting of settings) for (const option of optionsOf(setting)) command.addOption(option);
  command.option(
    '--config <file>',
    `a file of settings, {"name": value, ...} in JSON (env: ${configEnvironment})`,
  );
  return () => resolveSettings(settings, { flags: command.opts(), environment: process.env });
}

function addDev(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('dev')
    .summary('run a cluster on this machine')
    .description(
      'Runs a cluster on this machine, a process for each node, until Ctrl-C.\n' +
        'Started again, it goes on with the data and the ports that it had.',
    );
  const resolve = withSettings(command, devSettings);
  command
    .addHelpText(
      'after',
      `
Examples:
  $ npx xstate-raft dev
  $ npx xstate-raft dev --nodes 5 --data five --port 8001

Try while it runs:
  $ redis-cli -p 7001 set hello world
  $ redis-cli -p 7002 get hello
  $ npx xstate-raft status
  $ kill -9 <pid of the leader>         the others elect another one`,
    )
    .action(async () => {
      const options = valuesOf(await resolve()) as unknown as DevOptions; // what the settings of dev say
      const { dev } = await import('./dev.ts');
      setExitCode(await dev(options));
    });
}

function addServe(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('serve')
    .summary('run one node')
    .description('Runs one node of a cluster until Ctrl-C or SIGTERM.');
  const resolve = withSettings(command, serveSettings);
  command
    .addOption(new Option('--attached').hideHelp())
    .addHelpText(
      'after',
      `
A flag goes before its environment variable, that before the file of --config, and that before the default.
There is no authentication yet, so that a node listens on loopback addresses only.

Example, each node in a terminal of its own:
  $ export XSTATE_RAFT_PEERS=n1=127.0.0.1:7101,n2=127.0.0.1:7102,n3=127.0.0.1:7103
  $ npx xstate-raft serve --id n1 --redis 127.0.0.1:7001 --data data/n1
  $ npx xstate-raft serve --id n2 --redis 127.0.0.1:7002 --data data/n2
  $ npx xstate-raft serve --id n3 --redis 127.0.0.1:7003 --data data/n3`,
    )
    .action(async ({ attached }: Pick<ServeOptions, 'attached'>) => {
      const resolved = await resolve();
      requireSettings(serveSettings, resolved);
      const options = valuesOf(resolved) as unknown as ServeOptions; // what the settings of serve say
      const { serve } = await import('./serve.ts');
      setExitCode(await serve({ ...options, sources: sourcesOf(resolved), ...(attached && { attached }) }));
    });
}

/** Of a folder and a list of nodes, the one that goes before the other; the list, if both come from the same source. */
async function nodesFrom(resolve: ReturnType<typeof withSettings>): Promise<NodesOptions> {
  const resolved = await resolve();
  const nodes = resolved.find(({ setting }) => setting.name === 'nodes');
  const data = resolved.find(({ setting }) => setting.name === 'data');
  const order = ['flag', 'environment', 'file', 'default'];
  const isOverruled = nodes && data && order.indexOf(data.kind) < order.indexOf(nodes.kind);
  return valuesOf(isOverruled ? [data] : resolved) as unknown as NodesOptions; // what clientSettings say
}

function addStatus(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('status')
    .summary('show who leads and how far each node is')
    .description(
      'Shows what each node says of itself through its Redis port; a node that does not answer is down.\n' +
        'The exit code is 0 if there is a leader, else 1.',
    );
  const resolve = withSettings(command, clientSettings);
  command
    .addHelpText(
      'after',
      `
Columns:
  commit, applied, last log   indexes: known to be committed, applied to the data, last in the log
  log bytes                   of the entries since the last snapshot
  lag                         committed entries that the leader has and the node has not heard of

Examples:
  $ npx xstate-raft status
  $ npx xstate-raft status --nodes 127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003`,
    )
    .action(async () => {
      const { status } = await import('./status.ts');
      setExitCode(await status(await nodesFrom(resolve)));
    });
}

function addKeyCommands(program: Command, setExitCode: (code: number) => void): void {
  const exits = 'The exit code is 0, or 1 if';
  const getCommand = program
    .command('get')
    .summary('print the value of a key')
    .description(`Prints the value of a key, byte for byte. ${exits} there is none, or it failed.`)
    .argument('<key>');
  const getNodes = withSettings(getCommand, clientSettings);
  getCommand.action(async (key: string) => {
    const { get } = await import('./keyCommands.ts');
    setExitCode(await get(key, await nodesFrom(getNodes)));
  });
  const writing = [
    ['put', 'set the value of a key', 'Sets the value of a key'],
    ['append', 'append to the value of a key', 'Appends to the value of a key, and prints its new length'],
  ] as const;
  for (const [name, summary, sentence] of writing) {
    const command = program
      .command(name)
      .summary(summary)
      .description(`${sentence}. ${exits} it failed.`)
      .argument('<key>')
      .argument('<value>', '- reads it from standard input; one that begins with a dash goes behind --')
      .addHelpText(
        'after',
        `
Examples:
  $ npx xstate-raft ${name} hello world
  $ npx xstate-raft ${name} picture - < picture.png`,
      );
    const resolve = withSettings(command, clientSettings);
    command.action(async (key: string, value: string) => {
      const commands = await import('./keyCommands.ts');
      setExitCode(await commands[name](key, value, await nodesFrom(resolve)));
    });
  }
}

function addConfig(program: Command, setExitCode: (code: number) => void): void {
  const parent = program
    .command('config')
    .summary('print the settings in force, and where each came from')
    .description(
      'Prints the settings that a command would run with, and where each of them came from: its flag, its\n' +
        'environment variable, the file of --config, or the default. Flags are given as to the command itself.',
    )
    .helpCommand(false);
  const commands = [
    ['serve', serveSettings],
    ['dev', devSettings],
    ['status', clientSettings],
  ] as const;
  for (const [name, settings] of commands) {
    const command = parent.command(name, { isDefault: name === 'serve' }).summary(`those of ${name}`);
    const resolve = withSettings(command, settings);
    command.action(async () => {
      const { config } = await import('./config.ts');
      setExitCode(config(settings, await resolve()));
    });
  }
}

function addCharts(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('charts')
    .summary('write the statecharts as files')
    .description(
      'Writes every statechart as TypeScript for the XState visualizer, Stately Studio and the editor extension,\n' +
        'and as JSON and Mermaid; as SVG, too, where elkjs is installed.',
    )
    .requiredOption('--out <folder>', 'where to; files of the same names are replaced')
    .action(async ({ out }: { out: string }) => {
      const { charts } = await import('./charts.ts');
      setExitCode(await charts(out));
    });
}
