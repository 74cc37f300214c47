/** The command as a shell sees it: what it prints, where, and how it ends. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readAddress } from '../../../kv/commandLine/arguments.ts';
import { writeCluster } from '../../../kv/commandLine/devCluster.ts';
import { askRedis } from '../../../kv/commandLine/redisClient.ts';
import { runCommandLine } from '../../../kv/commandLine/runCommandLine.ts';
import { openSegmentedLog } from '../../../runtime/storage/segmentedLog/openSegmentedLog.ts';
import { close, listenOn, portOf } from '../../freePorts.ts';
import { commandPrefix, RunningCommand, runCommand } from '../../runningCommand.ts';

/** One line that says what is wrong, and an exit code that is not 0. */
async function expectRefusal(
  args: readonly string[],
  code: number,
  ...words: readonly string[]
): Promise<void> {
  const lines: string[] = [];
  expect(await runCommandLine(['node', 'xstate-raft', ...args], (line) => lines.push(line))).to.equal(code);
  expect(lines).to.have.length(1);
  expect(lines[0]).to.match(/^xstate-raft: [^\n]+$/);
  for (const word of words) expect(lines[0]).to.contain(word);
}

describe('the command line', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
  });

  after(() => rm(folder, { recursive: true }));

  /** Arguments of a node alone; `changed` options replace those there are. */
  const serve = (changed: Record<string, string> = {}): string[] => {
    const options = {
      ...{ id: 'n1', redis: '127.0.0.1:0', listen: '127.0.0.1:0', peers: 'n1=127.0.0.1:7101' },
      ...{ data: path.join(folder, 'n1'), ...changed },
    };
    return ['serve', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
  };

  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await runCommand(['--version'])).to.include({ stdout: `${version}\n`, stderr: '', code: 0 });
  });

  it('tells how it is used, without color where no person looks', async () => {
    const [all, ofServe] = await Promise.all([runCommand(['--help']), runCommand(['serve', '--help'])]);
    expect(all.stdout).to.match(
      /Commands:\n +dev .+\n +serve .+\n +status .+\n +get .+\n +put .+\n +append .+\n +config .+\n/,
    );
    expect(all.stdout).to.contain('Examples:').and.not.to.contain('\x1b');
    expect(ofServe.stdout).to.contain('$ npx xstate-raft serve --id n1');
    expect([all.code, ofServe.code]).to.deep.equal([0, 0]);
  });

  it('complains on stderr, in one line', async () => {
    const { code, stdout, stderr } = await runCommand(['dev', '--nodes', 'three']);
    expect(stderr).to.match(/^xstate-raft: [^\n]+'three' is invalid[^\n]+\n$/);
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
  });

  describe('refuses, in one line', () => {
    it('an unknown command', () => expectRefusal(['foo'], 2, "'foo'", 'xstate-raft --help'));

    it('an unknown option, and proposes the one that is meant', () =>
      expectRefusal(
        ['dev', '--prot', '8001'],
        2,
        "'--prot'",
        'Did you mean --port?',
        'xstate-raft dev --help',
      ));

    it('a number that is none', () => expectRefusal(['dev', '--nodes', '3.5'], 2, "'3.5'", 'from 1 to 9'));

    it('a missing option', () =>
      expectRefusal(['serve', '--id', 'n1'], 2, '--peers', 'xstate-raft serve --help'));

    it('an address that is none', () => expectRefusal(serve({ redis: '7001' }), 2, "'7001'", 'HOST:PORT'));

    it('an id that is not among the peers', () =>
      expectRefusal(serve({ id: 'n9' }), 1, '--id n9', '(n1)', 'correct the id'));

    it('addresses for clients that are not those of the peers', async () => {
      const listOf = (id: string) => ({ 'redis-peers': `${id}=127.0.0.1:7001` });
      await expectRefusal(serve(listOf('n2')), 1, '--redis-peers lacks n1', 'add');
      const both = { 'redis-peers': 'n1=127.0.0.1:7001,n2=127.0.0.1:7002' };
      await expectRefusal(serve(both), 1, '--redis-peers has n2', 'correct');
    });

    it('a value from the environment or a file, by the name that it has there', async () => {
      const { redis: _, ...others } = { redis: '', id: 'n1', peers: 'n1=127.0.0.1:7101', data: folder };
      const args = ['serve', ...Object.entries(others).flatMap(([name, value]) => [`--${name}`, value])];
      const file = path.join(folder, 'raft.json');
      await writeFile(file, JSON.stringify({ redis: '0.0.0.0:7001' }));
      await expectRefusal([...args, '--config', file], 1, `"redis" in ${file}: 0.0.0.0:7001`, 'listen on');
      process.env.XSTATE_RAFT_REDIS = '0.0.0.0:7002';
      try {
        await expectRefusal(args, 1, 'XSTATE_RAFT_REDIS 0.0.0.0:7002', 'listen on');
      } finally {
        delete process.env.XSTATE_RAFT_REDIS;
      }
    });

    it('to read and write where no node answers', async () => {
      const server = await listenOn();
      const address = `127.0.0.1:${portOf(server)}`;
      await close(server);
      for (const args of [
        ['get', 'k'],
        ['put', 'k', 'v'],
        ['append', 'k', 'v'],
      ]) {
        await expectRefusal([...args, '--nodes', address], 1, 'No node answers', address, '--nodes');
      }
    });

    it('Redis clients from other machines', () =>
      expectRefusal(serve({ redis: '0.0.0.0:7001' }), 1, '--redis 0.0.0.0:7001', 'listen on 127.0.0.1:7001'));

    it('peers on other machines', () =>
      expectRefusal(serve({ listen: '[::]:7101' }), 1, '--listen [::]:7101', 'listen on 127.0.0.1:7101'));

    it('a Redis port that is in use', async () => {
      const server = await listenOn();
      const address = `127.0.0.1:${portOf(server)}`;
      await expectRefusal(serve({ redis: address }), 1, address, 'in use', 'another port');
      await close(server);
    });

    it('a peer port that is in use', async () => {
      const server = await listenOn();
      const address = `127.0.0.1:${portOf(server)}`;
      await expectRefusal(serve({ listen: address }), 1, address, 'in use', 'another port');
      await close(server);
    });

    it('the data folder of another node, and of another cluster', async () => {
      const data = path.join(folder, 'foreign');
      await (await openSegmentedLog(data, { clusterId: 'default', nodeId: 'n2' })).close();
      await expectRefusal(serve({ data }), 1, data, '"n2"', '"n1"', 'a folder of its own');
      const asN2 = { id: 'n2', peers: 'n2=127.0.0.1:7102' };
      await expectRefusal(
        serve({ data, ...asN2, cluster: 'c7' }),
        1,
        data,
        '"default"',
        '"c7"',
        'a folder of its own',
      );
    });

    it('a data folder that cannot be made', async () => {
      const file = path.join(folder, 'file');
      await writeFile(file, '');
      await expectRefusal(serve({ data: path.join(file, 'n1') }), 1, file, 'Choose a path');
      await expectRefusal(['dev', '--data', file], 1, file, '--data');
    });

    it('the status of a cluster that is not there', () =>
      expectRefusal(['status', '--data', path.join(folder, 'none')], 1, folder, '--data DIR', '--nodes'));
  });

  it('shows nodes that do not answer as down, and ends with 1 as there is no leader', async () => {
    const server = await listenOn();
    const address = `127.0.0.1:${portOf(server)}`;
    await close(server);
    const { stdout, code } = await runCommand(['status', '--nodes', address]);
    expect(stdout).to.match(new RegExp(`^\\?\\s+${address}\\s+down\\s`, 'm'));
    expect(code).to.equal(1);
  });

  it('shows the settings in force, and where each came from', async () => {
    const file = path.join(folder, 'shown.json');
    await writeFile(file, JSON.stringify({ 'max-clients': 7 }));
    process.env.XSTATE_RAFT_CLUSTER = 'c7';
    try {
      const { stdout, code } = await runCommand(['config', 'serve', '--id', 'n1', '--config', file]);
      for (const line of [
        /^id +n1 +--id$/m,
        /^cluster +c7 +XSTATE_RAFT_CLUSTER$/m,
        new RegExp(`^max-clients +7 +${file}$`, 'm'),
        /^lease-reads +off +default$/m,
        /^listen +not given$/m,
        /^peers +missing$/m,
      ]) {
        expect(stdout).to.match(line);
      }
      expect(code).to.equal(1);
      expect((await runCommand(['config', 'dev'])).code).to.equal(0);
    } finally {
      delete process.env.XSTATE_RAFT_CLUSTER;
    }
  });

  it('reads and writes values of any bytes from the shell', async () => {
    const data = path.join(folder, 'shell');
    const node = new RunningCommand(['xstate-raft', ...serve({ data, log: 'text' }), '--lease-reads']);
    try {
      const [, address = ''] = await node.says(/Redis clients on (\S+),/);
      const run = (name: string, ...args: readonly string[]) =>
        runCommand([name, '--nodes', address, ...args]);
      const shell = (script: string) =>
        new RunningCommand(['sh', '-c', script, 'sh', process.execPath, ...commandPrefix]).end();

      expect(await run('put', 'k', 'value')).to.include({ stdout: 'OK\n', stderr: '', code: 0 });
      expect(await run('append', 'k', '/s')).to.include({ stdout: '7\n', code: 0 });
      expect(await run('get', 'k')).to.include({ stdout: 'value/s', stderr: '', code: 0 });
      const missing = await run('get', 'none');
      expect(missing).to.include({ stdout: '', code: 1 });
      expect(missing.stderr).to.match(/^xstate-raft: There is no value at "none"\.\n$/);
      await run('put', 'dash', '--', '-5');
      expect((await run('get', 'dash')).stdout).to.equal('-5');

      const binary = path.join(folder, 'binary');
      const bytes = Buffer.alloc(300_000, Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
      await writeFile(binary, bytes);
      const asked = `--nodes ${address}`;
      expect((await shell(`"$@" put b - ${asked} < ${binary}`)).stdout).to.equal('OK\n');
      expect((await shell(`"$@" get b ${asked} > ${binary}.out`)).code).to.equal(0);
      expect(bytes.equals(await readFile(`${binary}.out`))).to.equal(true);
      expect((await shell(`printf x | "$@" append b - ${asked}`)).stdout).to.equal('300001\n');
      // A node that is down is passed over.
      const server = await listenOn();
      const nodes = `127.0.0.1:${portOf(server)},${address}`;
      await close(server);
      expect((await runCommand(['get', 'k', '--nodes', nodes])).stdout).to.equal('value/s');
      // The flag from above has reached the statechart.
      expect(await askRedis(readAddress(address), ['INFO', 'raft'], 5000)).to.contain(
        'raft_lease_reads:1\r\n',
      );
    } finally {
      await node.stop();
    }
  });

  it('runs a node until it is told to stop, and says what becomes of it', async () => {
    const node = new RunningCommand(['xstate-raft', ...serve({ log: 'text' })]);
    const [, address = ''] = await node.says(
      /n1 is ready: Redis clients on (\S+), peers on 127\.0\.0\.1:\d+, data in /,
    );
    await node.says(/n1 became leader in term \d+/);
    const status = await runCommand(['status', '--nodes', address]);
    const nodes = [{ id: 'n1', redisPort: Number(address.split(':')[1]), peerPort: 1 }];
    await writeCluster(folder, { version: 1, clusterId: 'another', nodes });
    const statusOfAnother = await runCommand(['status', '--data', folder]);
    const { code, stderr, stdout } = await node.stop();
    expect(status.stdout).to.match(/^n1 +\S+ +leader +1 +\d+ +\d+ +\d+ +\d+ +0$/m);
    expect(status.code).to.equal(0);
    expect(statusOfAnother.stdout).to.match(/^n1 +\S+ +down /m);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/n1 has stopped\n$/);
  });

  it('writes a log of JSON where no person looks, and ends with 1 when the storage fails', async () => {
    const data = path.join(folder, 'failing');
    const node = new RunningCommand(['xstate-raft', ...serve({ data })]);
    const [, port] = await node.says(/"event":"ready",.*"redis":{"host":"127.0.0.1","port":(\d+)}/);
    await rm(data, { recursive: true });
    const filling = fillUntilCut(Number(port));
    const { code, stderr } = await node.end();
    await filling;
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/^xstate-raft: Could not [^\n]+ restart the node\.\n$/)
      .and.to.contain(data);
  });
});

/** Writes large values until the connection is lost: sooner or later the log needs another file. */
async function fillUntilCut(port: number): Promise<void> {
  const value = Buffer.alloc(1024 * 1024, 'x');
  const command = Buffer.concat([
    Buffer.from(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n`),
    value,
    Buffer.from('\r\n'),
  ]);
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('data', () => socket.write(command));
  socket.write(command);
  await new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}
