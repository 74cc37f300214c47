/** Clients that know Redis clusters, against a cluster of processes whose leader is killed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Cluster, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { eventually } from '../eventually.ts';
import { freeBase } from '../freePorts.ts';
import { RunningCommand } from '../runningCommand.ts';

/**
 * From the death of a leader to the next acknowledged write of a client that has to find the new one. As it is set by
 * default, node-redis looks for another one 5 s after it lost the connection.
 */
const outageMsMax = { ioredis: 4000, 'node-redis': 10_000 };

/** A client, as far as the story goes. */
interface Writer {
  readonly name: keyof typeof outageMsMax;
  set(key: string, value: string): Promise<unknown>;
  get(key: string): Promise<string | null>;
  /** The port of the node that it takes for the master. */
  master(): number | undefined;
  close(): Promise<void>;
}

async function openIoredis(ports: readonly number[]): Promise<Writer> {
  const cluster = new Cluster(ports.map((port) => ({ host: '127.0.0.1', port })));
  // A node that is gone is told of here; commands fail by themselves where they do.
  cluster.on('error', () => {});
  return {
    name: 'ioredis',
    set: (key, value) => cluster.set(key, value),
    get: (key) => cluster.get(key),
    master: () => cluster.nodes('master')[0]?.options.port,
    close: async () => cluster.disconnect(),
  };
}

async function openNodeRedis(ports: readonly number[]): Promise<Writer> {
  const cluster = createCluster({ rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })) });
  cluster.on('error', () => {});
  await cluster.connect();
  return {
    name: 'node-redis',
    set: (key, value) => cluster.set(key, value),
    get: (key) => cluster.get(key),
    master: () => cluster.masters[0]?.port,
    close: async () => cluster.destroy(),
  };
}

describe('clients of a Redis cluster', () => {
  let folder: string;
  let dev: RunningCommand;
  let ports: number[];

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    dev = new RunningCommand([
      'xstate-raft',
      'dev',
      '--data',
      folder,
      '--port',
      String(await freeBase(5)),
      '--nodes',
      '5',
    ]);
    await dev.says(/^Ready after/m);
    ports = [...dev.stdout.matchAll(/Redis port (\d+)/g)].map(([, port]) => Number(port));
  });

  after(async () => {
    await dev.stop('SIGINT');
    await rm(folder, { recursive: true });
  });

  /** The port and the process of the leader. */
  const whoLeads = () =>
    eventually('a node leads', async () => {
      for (const port of ports) {
        const client = new Redis({
          host: '127.0.0.1',
          port,
          maxRetriesPerRequest: 0,
          retryStrategy: () => null,
        });
        client.on('error', () => {});
        const info = await client.info().catch(() => '');
        client.disconnect();
        const [, pid] = /^process_id:(\d+)\r$/m.exec(info) ?? [];
        if (/^raft_role:leader\r$/m.test(info)) return { port, pid: Number(pid) };
      }
      return undefined;
    });

  for (const open of [openIoredis, openNodeRedis]) {
    it(`${open.name.replace('open', '')} finds the leader, and follows it when it is killed`, async () => {
      const leader = await whoLeads();
      const client = await open(ports);
      try {
        expect(await client.set('{a}1', 'one')).to.equal('OK');
        expect(await client.set('{b}2', 'two')).to.equal('OK');
        expect([await client.get('{a}1'), await client.get('{b}2')]).to.deep.equal(['one', 'two']);
        expect(client.master()).to.equal(leader.port);

        process.kill(leader.pid, 'SIGKILL');
        const killedAt = performance.now();
        // What was under way when the node died may fail: the client cannot know whether it took effect.
        await eventually('a write is acknowledged', async () => {
          const reply = await client.set('{a}1', 'after').catch(() => undefined);
          return reply === 'OK' || undefined;
        });
        expect(performance.now() - killedAt, 'ms without writes').to.be.below(outageMsMax[client.name]);
        for (let n = 0; n < 50; n += 1) expect(await client.set(`k${n}`, String(n))).to.equal('OK');
        expect(await client.get('{a}1')).to.equal('after');
        const next = await whoLeads();
        expect(next.port).not.to.equal(leader.port);
        await eventually('the client knows the new leader', async () => {
          await client.get('{a}1');
          return client.master() === next.port || undefined;
        });
      } finally {
        await client.close();
      }
    });
  }
});
