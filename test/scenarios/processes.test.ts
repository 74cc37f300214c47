/** A cluster as its users have it: a process for each node, a disk, sockets, and the common Redis clients. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { eventually } from '../eventually.ts';
import { freeBase } from '../freePorts.ts';
import { RunningCommand, runCommand } from '../runningCommand.ts';

/** From the death of a leader to the next write: an election, and what it takes to notice. */
const outageMsMax = 2000;

/** Fields of INFO. */
type Facts = ReadonlyMap<string, string>;

/** A client that shows every error, and never tries a command again. */
function clientOf(port: number): Redis {
  return new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: 0, retryStrategy: () => null });
}

async function factsOf(port: number): Promise<Facts | undefined> {
  const client = clientOf(port);
  // What cannot be reached has no facts.
  client.on('error', () => {});
  try {
    const fields = (await client.info()).matchAll(/^(\w+):(.*)\r$/gm);
    return new Map([...fields].map(([, name = '', value = '']) => [name, value]));
  } catch {
    return undefined;
  } finally {
    client.disconnect();
  }
}

/** Settles when the connection is closed, whoever does it first. */
async function sayAndHangUp(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  // A reset is as good an answer as any.
  socket.on('error', () => {});
  socket.resume().end(bytes);
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
}

describe('a cluster of processes', () => {
  let folder: string;
  let dev: RunningCommand;
  /** The Redis ports of all nodes. */
  let ports: number[];
  /** Nodes that were started by hand. */
  let others: RunningCommand[];

  const start = async (...args: readonly string[]): Promise<void> => {
    dev = new RunningCommand(['xstate-raft', 'dev', '--data', folder, ...args]);
    others = [];
    await dev.says(/^Ready after/m);
    ports = [...dev.stdout.matchAll(/Redis port (\d+)/g)].map(([, port]) => Number(port));
  };

  const stop = async (): Promise<void> => {
    await Promise.all([dev, ...others].map((process) => process.stop('SIGINT')));
  };

  /** The port and the process of the leader, and the ports of the others. */
  const whoLeads = () =>
    eventually('a node leads', async () => {
      const facts = await Promise.all(ports.map(factsOf));
      const place = facts.findIndex((each) => each?.get('raft_role') === 'leader');
      const port = ports[place];
      if (port === undefined) return undefined;
      const pid = Number(facts[place]?.get('process_id'));
      return { port, pid, followers: ports.filter((other) => other !== port) };
    });

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    await start('--port', String(await freeBase()));
  });

  after(async () => {
    await stop();
    await rm(folder, { recursive: true });
  });

  it('serves node-redis at every node', async () => {
    for (const port of ports) {
      const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
      expect(await client.set('client', 'node')).to.equal('OK');
      expect(await client.append('client', '-redis')).to.equal(10);
      expect(await client.get('client')).to.equal('node-redis');
      expect(await client.mGet(['client', 'nobody'])).to.deep.equal(['node-redis', null]);
      expect(await client.del('client')).to.equal(1);
      await client.close();
    }
  });

  it('lives on when strangers talk nonsense to its ports', async () => {
    const nonsense = [
      randomBytes(100_000),
      Buffer.alloc(100, 0xff),
      Buffer.from('GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n'),
      Buffer.from('*3\r\n$3\r\nSET\r\n$-5\r\n'),
    ];
    const peerPorts = ports.map((port) => port + 100);
    for (const port of [...ports, ...peerPorts]) {
      await Promise.all(nonsense.map((bytes) => sayAndHangUp(port, bytes)));
    }
    for (const port of ports) {
      const client = clientOf(port);
      expect(await client.set('sense', 'none')).to.equal('OK');
      client.disconnect();
    }
  });

  it('keeps every acknowledged write through a kill -9 of its leader and a restart of all nodes', async () => {
    const written = new Map<string, string>();
    const write = async (port: number, count: number): Promise<void> => {
      const client = clientOf(port);
      for (let n = 0; n < count; n += 1) {
        const key = `story:${written.size}`;
        await client.set(key, `by ${port}`);
        written.set(key, `by ${port}`);
      }
      client.disconnect();
    };
    for (const port of ports) await write(port, 20);

    const leader = await whoLeads();
    process.kill(leader.pid, 'SIGKILL');
    const killedAt = performance.now();
    const [survivor = 0] = leader.followers;
    await write(survivor, 1);
    expect(performance.now() - killedAt, 'ms without writes').to.be.below(outageMsMax);
    for (const port of leader.followers) await write(port, 20);

    // By the command line that dev printed, as a user would.
    const [, command] = await dev.says(/ended \(SIGKILL\).*Start it again:\n +(.+)\n/);
    const restarted = new RunningCommand(['sh', '-c', `exec ${command}`]);
    others.push(restarted);
    await dev.says(/is back, started by hand/);
    const committed = Number((await factsOf(survivor))?.get('raft_commit_index'));
    await eventually('the restarted node has caught up', async () => {
      const facts = await factsOf(leader.port);
      return Number(facts?.get('raft_last_applied')) >= committed || undefined;
    });
    const status = await runCommand(['status', '--data', folder]);
    expect(status.stdout).to.match(/^n1 .+ 0\nn2 .+ 0\nn3 .+ 0\n$/m);
    expect(status.code).to.equal(0);

    const ended = await Promise.all([dev, restarted].map((process) => process.stop('SIGINT')));
    expect(ended.map(({ code }) => code)).to.deep.equal([0, 0]);
    await start();
    for (const port of ports) {
      const client = clientOf(port);
      expect(await client.mget([...written.keys()])).to.deep.equal([...written.values()]);
      client.disconnect();
    }
  });

  it('hides the kill -9 of its leader from the clients of the other nodes', async () => {
    const { pid, followers } = await whoLeads();
    const clients = followers.flatMap((port) => Array.from({ length: 8 }, () => clientOf(port)));
    const errors: unknown[] = [];
    /** When each append was acknowledged, ms. */
    const times: number[] = [];
    /** What each client's key must hold: an append that took effect twice, or not at all, would show. */
    const values = clients.map(() => '');
    let isOver = false;
    const load = clients.map(async (client, place) => {
      client.on('error', (error) => errors.push(error));
      for (let n = 0; !isOver; n += 1) {
        await client.append(`load:${place}`, `${n},`);
        values[place] += `${n},`;
        times.push(performance.now());
      }
    });
    const done = Promise.all(load).catch((error) => errors.push(error));
    const more = (count: number) => {
      const goal = times.length + count;
      return eventually(`${count} more writes are there`, async () => times.length >= goal || undefined);
    };

    await more(200);
    process.kill(pid, 'SIGKILL');
    // What was under way when it died is answered soon after; then the writes go on.
    await more(1000);
    isOver = true;
    await done;
    const gaps = times.map((time, place) => time - (times[place - 1] ?? time));
    expect(errors).to.deep.equal([]);
    expect(Math.max(...gaps), 'ms without writes').to.be.below(outageMsMax);
    const [reader] = clients;
    expect(await reader?.mget(clients.map((_, place) => `load:${place}`))).to.deep.equal(values);
    for (const client of clients) client.disconnect();
  });
});
