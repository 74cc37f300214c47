/** A node as a whole, alone in its cluster. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { type KvNode, type KvNodeConfig, startKvNode } from '../../../kv/kvNode.ts';
import { eventually } from '../../eventually.ts';
import { RawClient } from './redisRawClient.ts';

describe('a node', () => {
  let folder: string;
  let node: KvNode | undefined;
  const clients: (Redis | RawClient)[] = [];
  const warnings: [message: string, about: object | undefined][] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'xstate-raft-'));
    warnings.length = 0;
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client instanceof Redis ? client.disconnect() : client.close();
    await node?.stop();
    node = undefined;
    await rm(folder, { recursive: true });
  });

  const start = async (more: Partial<KvNodeConfig> = {}): Promise<KvNode> => {
    node = await startKvNode({
      ...{ clusterId: 'c1', id: 'n1', data: folder, redis: { host: '127.0.0.1', port: 0 } },
      members: { n1: { host: '127.0.0.1', port: 0 } },
      onWarning: (message, about) => warnings.push([message, about]),
      ...more,
    });
    return node;
  };

  const clientOf = ({ redisPort }: KvNode): Redis => {
    const client = new Redis({ host: '127.0.0.1', port: redisPort });
    clients.push(client);
    return client;
  };

  it('answers many reads of long values, a bounded part of them at a time', async () => {
    const client = clientOf(await start());
    const value = Buffer.alloc(16_000_000, 'v');
    await client.set('long', value);
    // Together far more than an answer, or the client, may have waiting.
    const values = await Promise.all(Array.from({ length: 10 }, () => client.getBuffer('long')));
    expect(values.every((each) => each?.equals(value))).to.equal(true);
    const refusal = await client
      .mget(Array.from({ length: 5 }, () => 'long'))
      .catch((error: Error) => error.message);
    expect(refusal).to.match(/^ERR a reply of \d+ bytes is over the limit of 67108864: ask for fewer keys$/);
    expect(await client.get('none')).to.equal(null);
  });

  it('counts its keys, and those that expire', async () => {
    const client = clientOf(await start());
    await client.set('a', '1');
    await client.set('b', '2', 'EX', 1000);
    await client.set('{b}', '3');
    expect(await client.info('keyspace')).to.contain('db0:keys=3,expires=1,');
    expect(await client.dbsize()).to.equal(3);
  });

  it('counts the keys of a slot where it is told where its members serve clients', async () => {
    const client = clientOf(await start({ redisMembers: { n1: { host: '127.0.0.1', port: 7001 } } }));
    for (const key of ['b', '{b}1', '{b}2', 'c']) await client.set(key, 'v');
    const slot = await client.cluster('KEYSLOT', 'b');
    expect(await client.cluster('COUNTKEYSINSLOT', slot)).to.equal(3);
    const [[, , [host, port] = []] = []] = (await client.cluster('SLOTS')) as unknown as [
      number,
      number,
      unknown[],
    ][];
    expect([host, port]).to.deep.equal(['127.0.0.1', 7001]);
  });

  it('names the client in what it warns of', async () => {
    const client = await RawClient.connect((await start()).redisPort);
    clients.push(client);
    const { localPort } = client.socket;
    client.send('POST / HTTP/1.1\r\n');
    await client.ended;
    await eventually('there is a warning', async () => warnings.length > 0 || undefined);
    expect(warnings).to.deep.equal([
      [
        `Redis client 127.0.0.1:${localPort} cut off: it speaks HTTP.`,
        { kind: 'clientCutOff', remote: `127.0.0.1:${localPort}`, suppressed: 0 },
      ],
    ]);
  });

  it('warns once of many clients that it turns away', async () => {
    const { redisPort } = await start({ redisLimits: { connectionsMax: 1 } });
    const first = await RawClient.connect(redisPort);
    clients.push(first);
    await first.ask('+PONG\r\n', 'PING');
    for (let n = 0; n < 3; n += 1) {
      const other = await RawClient.connect(redisPort);
      clients.push(other);
      expect(await other.ended).to.equal('-ERR max number of clients reached\r\n');
    }
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.[0]).to.match(
      /^Redis client 127\.0\.0\.1:\d+ turned away: there are 1, which is the most/,
    );
  });

  it('refuses addresses for clients that are not those of its members', async () => {
    const address = { host: '127.0.0.1', port: 7001 };
    const refusalOf = (redisMembers: NonNullable<KvNodeConfig['redisMembers']>) =>
      start({ redisMembers }).catch((error: Error) => error.message);
    expect(await refusalOf({})).to.contain('lacks the member n1');
    expect(await refusalOf({ n1: address, n2: address })).to.contain('names n2');
  });
});
