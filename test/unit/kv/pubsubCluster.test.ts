/** Subscribers at every node of a real cluster: each hears what its own node applies, in the order of the log. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type KvNode, startKvNode } from '../../../kv/kvNode.ts';
import { close, listenOn, portOf } from '../../freePorts.ts';
import { RawClient } from './redisRawClient.ts';

const host = '127.0.0.1';

describe('subscribers at every node', () => {
  let folder: string;
  let members: Record<string, { host: string; port: number }>;
  const nodes = new Map<string, KvNode>();
  let clients: RawClient[] = [];

  const start = async (id: string): Promise<KvNode> => {
    const node = await startKvNode({
      ...{ clusterId: 'c1', id, members, data: path.join(folder, id), keyspaceEvents: 'KEA' },
      redis: { host, port: 0 },
    });
    nodes.set(id, node);
    return node;
  };

  const connectTo = async (id: string): Promise<RawClient> => {
    const client = await RawClient.connect(nodes.get(id)?.redisPort ?? 0);
    clients.push(client);
    return client;
  };

  const nodeOf = (id: string): KvNode => {
    const node = nodes.get(id);
    if (!node) throw new Error(`${id} does not run.`);
    return node;
  };

  /** The texts of the messages, with their channels. */
  const toldTo = ({ received }: RawClient): string[] =>
    [...received.matchAll(/pmessage\r\n\$1\r\n\*\r\n\$\d+\r\n(.*)\r\n\$\d+\r\n(.*)\r\n/g)].map(
      ([, channel, text]) => `${channel} ${text}`,
    );

  const subscribeAt = async (id: string): Promise<RawClient> => {
    const client = await connectTo(id);
    await client.ask(':1\r\n', 'PSUBSCRIBE', '*');
    return client;
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    const servers = await Promise.all(['n1', 'n2', 'n3'].map(() => listenOn()));
    const ports = servers.map(portOf);
    await Promise.all(servers.map(close));
    members = Object.fromEntries(ports.map((port, at) => [`n${at + 1}`, { host, port }]));
    await Promise.all(Object.keys(members).map(start));
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    clients = [];
    await Promise.all([...nodes.values()].map((node) => node.stop()));
    nodes.clear();
    await rm(folder, { recursive: true });
  });

  it('hear the same, whichever node was asked', async () => {
    const subscribers = [await subscribeAt('n1'), await subscribeAt('n2'), await subscribeAt('n3')];
    const writers = [await connectTo('n1'), await connectTo('n2'), await connectTo('n3')];
    await Promise.all(
      writers.map(async (writer, at) => {
        for (let n = 0; n < 20; n += 1) {
          await writer.ask('\r\n', 'SET', `k${at}`, String(n));
          await writer.ask(':1\r\n', 'PUBLISH', 'news', `${at}-${n}`);
        }
      }),
    );
    await writers[0]?.ask('\r\n', 'SET', 'short', 'v', 'PX', '50');
    const end = '__keyevent@0__:expired\r\n$5\r\nshort\r\n';
    const heard = await Promise.all(
      subscribers.map(async (each) => {
        await each.receivedWhen((received) => received.includes(end));
        return toldTo(each);
      }),
    );
    expect(heard[0]).to.have.length(3 * 20 * 3 + 4 + 2);
    expect(heard[0]?.filter((line) => line.startsWith('news 1'))).to.deep.equal(
      Array.from({ length: 20 }, (_, n) => `news 1-${n}`),
    );
    expect(heard[1]).to.deep.equal(heard[0]);
    expect(heard[2]).to.deep.equal(heard[0]);
  });

  it('hear nothing from before their node began', async () => {
    const writer = await connectTo('n1');
    for (let n = 0; n < 20; n += 1) {
      await writer.ask('\r\n', 'PUBLISH', 'news', `old ${n}`);
      await writer.ask('\r\n', 'SET', 'k', String(n));
    }
    const lastIndex = nodeOf('n1').node.status().lastLogIndex;
    while (nodeOf('n3').node.status().lastLogIndex < lastIndex) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await nodeOf('n3').stop();
    nodes.delete('n3');
    await start('n3');
    const subscriber = await subscribeAt('n3');
    await writer.ask('\r\n', 'PUBLISH', 'news', 'new');
    await subscriber.receivedWhen((received) => received.endsWith('$3\r\nnew\r\n'));
    expect(toldTo(subscriber)).to.deep.equal(['news new']);
  });
});
