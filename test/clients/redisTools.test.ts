/** The tools that come with Redis, against a cluster of processes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { freeBase } from '../freePorts.ts';
import { type Ended, RunningCommand } from '../runningCommand.ts';

/** A missing tool is a failure, so that nobody takes this suite for passed where it did not run. */
async function requireTool(name: string): Promise<void> {
  const { code } = await new RunningCommand(['sh', '-c', `command -v ${name}`]).end();
  if (code !== 0)
    throw new Error(`${name} is not installed: run apt-get install redis-tools, then try again.`);
}

describe('the tools of Redis', () => {
  let folder: string;
  let dev: RunningCommand | undefined;
  let leader: number;
  let follower: number;
  let ports: number[];

  before(async () => {
    await requireTool('redis-cli');
    await requireTool('redis-benchmark');
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, '--port', String(await freeBase())]);
    await dev.says(/^Ready after/m);
    const portsOf = (role: string): number[] =>
      [...(dev?.stdout ?? '').matchAll(/Redis port (\d+) .+ (\w+)$/gm)]
        .filter(([, , is]) => is === role)
        .map(([, port]) => Number(port));
    [leader = 0] = portsOf('leader');
    [follower = 0] = portsOf('follower');
    ports = [...portsOf('leader'), ...portsOf('follower')];
  });

  after(async () => {
    await dev?.stop('SIGINT');
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it('redis-cli works at every node', async () => {
    expect(ports).to.have.length(3);
    for (const port of ports) {
      const cli = async (...args: readonly string[]): Promise<string> => {
        const { stdout, stderr } = await new RunningCommand(['redis-cli', '-p', String(port), ...args]).end();
        return `${stdout}${stderr}`.trim();
      };
      expect(await cli('PING')).to.equal('PONG');
      expect(await cli('SET', 'tool', 'redis')).to.equal('OK');
      expect(await cli('APPEND', 'tool', '-cli')).to.equal('9');
      expect(await cli('GET', 'tool')).to.equal('redis-cli');
      expect(await cli('STRLEN', 'tool')).to.equal('9');
      expect(await cli('EXISTS', 'tool', 'nothing')).to.equal('1');
      expect(await cli('--json', 'MGET', 'tool', 'nothing')).to.equal('["redis-cli",null]');
      expect(await cli('DEL', 'tool')).to.equal('1');
      expect(await cli('--json', 'GET', 'tool')).to.equal('null');
      expect(await cli('INFO', 'raft')).to.match(/raft_role:(leader|follower)\r\n/);
      expect(await cli('FLY')).to.match(/^ERR unknown command 'FLY'/);
    }
  });

  it('redis-cli takes the nodes for one Redis cluster in good order', async () => {
    const cli = (...args: readonly string[]) => new RunningCommand(['redis-cli', ...args]).end();
    const check = await cli('--cluster', 'check', `127.0.0.1:${follower}`);
    expect(check.stdout).to.contain('[OK] All nodes agree about slots configuration.');
    expect(check.stdout).to.contain('[OK] All 16384 slots covered.');
    expect(check.stdout).to.contain(`127.0.0.1:${leader}\n   slots:[0-16383] (16384 slots) master\n`);
    expect(check.code).to.equal(0);
    for (const port of ports) {
      const at = (...args: readonly string[]) => cli('-c', '-p', String(port), ...args);
      await at('CONFIG', 'RESETSTAT');
      const set = await at('SET', '{tag}key', 'value');
      expect(set.stdout).to.equal('OK\n');
      // Carried out where it was sent: no node says MOVED.
      expect((await at('INFO', 'commandstats')).stdout).to.match(/^cmdstat_set:calls=1,/m);
    }
  });

  /** Every request of the benchmark is answered, and none with an error. */
  async function benchmark(port: number): Promise<Ended> {
    const args = ['-p', String(port), '-t', 'set,get', '-n', '100000', '-c', '50', '--csv'];
    const ended = await new RunningCommand(['redis-benchmark', ...args], undefined, 120_000).end();
    expect(ended.stderr).to.equal('');
    expect(ended.code).to.equal(0);
    const rates = [...ended.stdout.matchAll(/^"(SET|GET)","(\d+\.\d+)"/gm)];
    expect(rates.map(([, name]) => name)).to.deep.equal(['SET', 'GET']);
    for (const [, name, rate] of rates) console.log(`        ${name}: ${rate} requests/s`);
    return ended;
  }

  it('redis-benchmark completes without an error at the leader', () => benchmark(leader));

  it('redis-benchmark completes without an error at a follower', () => benchmark(follower));
});
