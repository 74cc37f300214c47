/** What the command line offers: commands, options, help. What they do is loaded when it is needed. */
import { Command, Option } from 'commander';
import { integerReader, readAddresses, readListenAddress, readName, readPeers } from './arguments.ts';
import type { DevOptions } from './dev.ts';
import { commandName, versionOfPackage } from './packageFacts.ts';
import type { ServeOptions } from './serve.ts';
import type { StatusOptions } from './status.ts';

/** More nodes on one machine show nothing new, and their ports would meet. */
const nodesMax = 9;

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
  $ npx xstate-raft status              who leads, and how far each node is`,
    );
  addDev(program, setExitCode);
  addServe(program, setExitCode);
  addStatus(program, setExitCode);
  return program;
}

function addDev(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('dev')
    .summary('run a cluster on this machine')
    .description(
      'Runs a cluster on this machine, a process for each node, until Ctrl-C.\n' +
        'Started again, it goes on with the data and the ports that it had.',
    )
    .option('--nodes <number>', 'how many nodes a new cluster gets (default: 3)', integerReader(1, nodesMax))
    .option('--data <dir>', 'where the cluster keeps its data', 'data')
    .option(
      '--port <base>',
      'Redis ports from here on, peer ports 100 above (default: those it had, or from 7001 on)',
      integerReader(1, 65_535 - 100 - nodesMax),
    )
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
    .action(async (options: DevOptions) => {
      const { dev } = await import('./dev.ts');
      setExitCode(await dev(options));
    });
}

function addServe(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('serve')
    .summary('run one node')
    .description('Runs one node of a cluster until Ctrl-C or SIGTERM.')
    .requiredOption('--id <name>', 'this node, as it is called in --peers', readName)
    .requiredOption('--peers <list>', 'all nodes of the cluster: n1=HOST:PORT,n2=HOST:PORT,...', readPeers)
    .requiredOption('--redis <host:port>', 'where Redis clients are served', readListenAddress)
    .requiredOption('--data <dir>', "the data folder, this node's alone")
    .option(
      '--redis-peers <list>',
      'where clients reach each node, for clients of a Redis cluster: n1=HOST:PORT,... (default: CLUSTER is off)',
      readPeers,
    )
    .option(
      '--listen <host:port>',
      'where it listens for its peers (default: its own entry in --peers)',
      readListenAddress,
    )
    .option('--cluster <name>', 'nodes of different clusters refuse each other', readName, 'default')
    .addOption(
      new Option(
        '--log <format>',
        'lines for people or for machines (default: text on a terminal, else json)',
      ).choices(['text', 'json']),
    )
    .addOption(new Option('--attached').hideHelp())
    .addHelpText(
      'after',
      `
There is no authentication yet, so that a node listens on loopback addresses only.

Example, each node in a terminal of its own:
  $ PEERS=n1=127.0.0.1:7101,n2=127.0.0.1:7102,n3=127.0.0.1:7103
  $ npx xstate-raft serve --id n1 --redis 127.0.0.1:7001 --peers $PEERS --data data/n1
  $ npx xstate-raft serve --id n2 --redis 127.0.0.1:7002 --peers $PEERS --data data/n2
  $ npx xstate-raft serve --id n3 --redis 127.0.0.1:7003 --peers $PEERS --data data/n3`,
    )
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      setExitCode(await serve(options));
    });
}

function addStatus(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('status')
    .summary('show who leads and how far each node is')
    .description(
      'Shows what each node says of itself through its Redis port; a node that does not answer is down.\n' +
        'The exit code is 0 if there is a leader, else 1.',
    )
    .addOption(
      new Option('--data <dir>', 'the data folder of a cluster that dev runs')
        .default('data')
        .conflicts('nodes'),
    )
    .option('--nodes <list>', 'the Redis addresses of the nodes: HOST:PORT,HOST:PORT,...', readAddresses)
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
    .action(async (options: StatusOptions) => {
      const { status } = await import('./status.ts');
      setExitCode(await status(options));
    });
}
