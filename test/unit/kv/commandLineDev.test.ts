/** `xstate-raft dev`, with one node where the number does not matter. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { nodesFrom } from '../../../kv/commandLine/devCluster.ts';
import { chooseNodes } from '../../../kv/commandLine/ports.ts';
import { askRedis } from '../../../kv/commandLine/redisClient.ts';
import { runCommandLine } from '../../../kv/commandLine/runCommandLine.ts';
import { eventually } from '../../eventually.ts';
import { close, freeBase, listenOn, portOf } from '../../freePorts.ts';
import { RunningCommand, runCommand } from '../../runningCommand.ts';

describe('dev', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function refusalOf(...args: readonly string[]): Promise<string> {
    const lines: string[] = [];
    const argv = ['node', 'xstate-raft', 'dev', '--data', folder, ...args];
    expect(await runCommandLine(argv, (line) => lines.push(line))).to.equal(1);
    expect(lines).to.have.length(1);
    return lines[0] ?? '';
  }

  const remember = (content: unknown): Promise<void> =>
    writeFile(path.join(folder, 'cluster.json'), JSON.stringify(content));

  describe('refuses, in one line', () => {
    it('a remembered port that is taken', async () => {
      const server = await listenOn();
      const nodes = [{ id: 'n1', redisPort: portOf(server), peerPort: 1 }];
      await remember({ version: 1, clusterId: 'c1', nodes });
      expect(await refusalOf()).to.match(
        new RegExp(`Port ${portOf(server)}, the Redis port of n1, is in use: .+ --port BASE`),
      );
      await close(server);
    });

    it('another number of nodes than there are', async () => {
      await remember({ version: 1, clusterId: 'c1', nodes: nodesFrom(await freeBase(1), 1) });
      expect(await refusalOf('--nodes', '3'))
        .to.contain('--nodes 3')
        .and.to.contain(folder);
    });

    it('a memory that it cannot read', async () => {
      await writeFile(path.join(folder, 'cluster.json'), '{');
      expect(await refusalOf()).to.contain('cluster.json is no JSON');
      await remember({ version: 1, clusterId: 'c1', nodes: [{ id: 'n1', redisPort: 'x', peerPort: 1 }] });
      expect(await refusalOf()).to.contain('cluster.json is wrong at nodes.0.redisPort');
    });

    it('nodes whose cluster it does not remember', async () => {
      await mkdir(path.join(folder, 'n1'));
      expect(await refusalOf())
        .to.contain(path.join(folder, 'n1'))
        .and.to.contain('cluster.json');
    });
  });

  it('gives a new cluster ports that are free', async () => {
    const [first] = await chooseNodes(1);
    const server = await listenOn(first?.redisPort);
    const [second] = await chooseNodes(1);
    await close(server);
    expect(second?.redisPort).not.to.equal(first?.redisPort);
  });

  describe('with a cluster that runs', () => {
    let dev: RunningCommand;

    const start = async (...args: readonly string[]): Promise<void> => {
      dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, ...args]);
      await dev.says(/^Ready after/m);
    };

    beforeEach(async () => start('--nodes', '1', '--port', String(await freeBase(1))));

    afterEach(() => dev.stop('SIGKILL'));

    it('finds its data when it is started again', async () => {
      const [, cluster] = await dev.says(/^Making cluster (\S+) of 1 node in/m);
      await dev.says(/^ {2}n1 {2}Redis port \d+ {2}process \d+ {2}leader$/m);
      const memory = await readFile(path.join(folder, 'cluster.json'), 'utf8');
      await dev.stop('SIGTERM');
      await start();
      await dev.says(new RegExp(`Found cluster ${cluster} of 1 node in`));
      expect(await readFile(path.join(folder, 'cluster.json'), 'utf8')).to.equal(memory);
    });

    it('passes its settings on to the nodes, and takes nothing else for them from the environment', async () => {
      await dev.stop('SIGTERM');
      process.env.XSTATE_RAFT_LISTEN = '127.0.0.1:1';
      process.env.XSTATE_RAFT_LEASE_READS = 'on';
      try {
        await start('--max-clients', '77', '--max-value', '1', '--snapshot-log', '1');
      } finally {
        delete process.env.XSTATE_RAFT_LISTEN;
        delete process.env.XSTATE_RAFT_LEASE_READS;
      }
      const { nodes } = JSON.parse(await readFile(path.join(folder, 'cluster.json'), 'utf8'));
      const ask = (...words: string[]) =>
        askRedis({ host: '127.0.0.1', port: nodes[0].redisPort }, words, 5000);
      const info = await ask('INFO');
      expect(info).to.contain('raft_lease_reads:1\r\n').and.to.contain('maxclients:77\r\n');
      const longest = 'v'.repeat(1024 * 1024);
      expect(await ask('SET', 'long', `${longest}.`).catch(String)).to.contain('invalid bulk length');
      expect(await ask('SET', 'long', longest)).to.equal('OK');
      expect(await ask('SET', 'longer', longest)).to.equal('OK');
      await eventually('a snapshot is taken', async () =>
        /^raft_snapshot_index:[1-9]/m.test(await ask('INFO', 'raft')) ? true : undefined,
      );
      expect((await runCommand(['put', 'k', 'v', '--data', folder])).stdout).to.equal('OK\n');
      expect((await runCommand(['get', 'k', '--data', folder])).stdout).to.equal('v');
    });

    it('stops cleanly on Ctrl-C, also where npm passes it on once more', async () => {
      dev.kill('SIGINT');
      dev.kill('SIGINT');
      const { code, stderr, stdout } = await dev.end();
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(/stopping \.\.\.\n.+stopped; the data is in /);
    });

    it('ends when its last node does, and says how to start that one', async () => {
      const [, pid] = await dev.says(/process (\d+)/);
      process.kill(Number(pid), 'SIGKILL');
      const { code, stderr, stdout } = await dev.end();
      expect(stdout).to.match(/n1 ended \(SIGKILL\).+\n +node .+ serve --id n1 .+ --cluster dev-\w+\n/);
      expect(stderr).to.match(/^xstate-raft: No node of .+ is left\.\n$/);
      expect(code).to.equal(1);
    });

    it('leaves no node behind when it is killed', async () => {
      const { nodes } = JSON.parse(await readFile(path.join(folder, 'cluster.json'), 'utf8'));
      await dev.stop('SIGKILL');
      for (const port of [nodes[0].redisPort, nodes[0].peerPort]) {
        await eventually(`port ${port} is free`, () =>
          listenOn(port).then(
            async (server) => {
              await close(server);
              return true;
            },
            () => undefined,
          ),
        );
      }
    });
  });
});
