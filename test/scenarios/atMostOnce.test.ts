/** A connection that breaks before the reply: who sends the command again, and who does not (docs/redis.md, At most once). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, use } from 'chai';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { chaiLinearizable } from 'xstate-raft/testing';
import { fateOf, type ScriptClient } from '../clients/clientKind.ts';
import { type CommandHistory, commandModel } from '../clients/commandModel.ts';
import { LinkProxy } from '../clients/linkProxy.ts';
import { nodeClientKinds } from '../clients/nodeClients.ts';
import { eventually } from '../eventually.ts';
import { close, listenOn, portOf } from '../freePorts.ts';
import { RunningCommand } from '../runningCommand.ts';

use(chaiLinearizable);

const host = '127.0.0.1';

/** Two ports that nobody listened on a moment ago. */
async function freePorts(): Promise<readonly [number, number]> {
  const servers = [await listenOn(), await listenOn()] as const;
  const [one, other] = servers;
  const ports = [portOf(one), portOf(other)] as const;
  await Promise.all(servers.map(close));
  return ports;
}

/** As they are set by default. */
const usualClients: Readonly<
  Record<
    string,
    (port: number) => Promise<Pick<ScriptClient, 'close'> & { incr(key: string): Promise<number> }>
  >
> = {
  async ioredis(port) {
    const client = new Redis({ host, port });
    client.on('error', () => {});
    return { incr: (key) => client.incr(key), close: () => client.disconnect() };
  },
  async 'ioredis Cluster'(port) {
    const client = new Cluster([{ host, port }]);
    client.on('error', () => {});
    return { incr: (key) => client.incr(key), close: () => client.disconnect() };
  },
  async 'node-redis'(port) {
    const client = createClient({ url: `redis://${host}:${port}` });
    client.on('error', () => {});
    await client.connect();
    return { incr: (key) => client.incr(key), close: () => client.destroy() };
  },
  async 'node-redis cluster'(port) {
    const client = createCluster({ rootNodes: [{ url: `redis://${host}:${port}` }] });
    client.on('error', () => {});
    await client.connect();
    return { incr: (key) => client.incr(key), close: () => client.destroy() };
  },
};

describe('a connection that breaks before the reply', () => {
  let folder: string;
  let node: RunningCommand;
  let network: LinkProxy;
  /** Past the network. */
  let observer: Redis;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    const [redis, peer] = await freePorts();
    network = await LinkProxy.to(redis);
    node = new RunningCommand([
      ...['xstate-raft', 'serve', '--id', 'n1', '--data', folder, '--redis', `${host}:${redis}`],
      ...['--peers', `n1=${host}:${peer}`, '--redis-peers', `n1=${host}:${network.port}`],
    ]);
    await node.says(/"role":"leader"/);
    observer = new Redis({ host, port: redis });
  });

  after(async () => {
    observer.disconnect();
    await node.stop();
    await network.close();
    await rm(folder, { recursive: true });
  });

  /** Counts a key through the network, which breaks when it has been counted; what was seen of it, by whom. */
  async function countOnce(
    key: string,
    count: () => Promise<number>,
  ): Promise<{ history: CommandHistory; error?: unknown }> {
    const asked = {
      client: 'counter',
      calledAt: 0,
      input: { group: key, commands: [['INCR', key]] },
    } as const;
    await observer.del(key);
    network.back.isOpen = false;
    const counting = count().then(
      (output) => ({ operation: { ...asked, returnedAt: 3, output: [output] } }),
      (error: unknown) => ({ operation: asked, error }),
    );
    await eventually('the command took effect', async () => (await observer.get(key)) === '1' || undefined);
    network.reset();
    network.back.isOpen = true;
    const { operation, ...failed } = await counting;
    const read = { group: key, commands: [['GET', key]] } as const;
    const history: CommandHistory = [
      { client: 'observer', calledAt: 1, returnedAt: 2, input: read, output: ['1'] },
      { client: 'observer', calledAt: 4, returnedAt: 5, input: read, output: [await observer.get(key)] },
      operation,
    ];
    return { history, ...failed };
  }

  for (const kind of nodeClientKinds) {
    it(`has ${kind.name} fail, and not count twice, as it is set here`, async () => {
      const client = await kind.connect(network.port, new AbortController().signal);
      const { history, error } = await countOnce(`{${kind.name}}`, async () => {
        const [answer] = await client.run([['INCR', `{${kind.name}}`]]);
        return answer as number; // as INCR replies
      });
      client.close();
      expect(fateOf(error)).to.equal('inDoubt');
      expect(history).to.be.linearizable(commandModel);
    });
  }

  for (const [name, open] of Object.entries(usualClients)) {
    const sendsAgain = name.startsWith('ioredis');
    it(`has ${name} ${sendsAgain ? 'count twice' : 'fail'}, as it is set by default`, async () => {
      const client = await open(network.port);
      const key = `{usual ${name}}`;
      await client.incr(key);
      const { history, error } = await countOnce(key, () => client.incr(key));
      client.close();
      if (sendsAgain) expect(history).not.to.be.linearizable(commandModel);
      else expect(history).to.be.linearizable(commandModel);
      expect(error === undefined).to.equal(sendsAgain);
    });
  }
});
