/** Where commands go: to the node that the client is connected to, or where CLUSTER SLOTS says, if it asks. */
import { expect } from 'chai';
import { Cluster, type NodeRole, Redis } from 'ioredis';
import { createCluster } from 'redis';
import { type NodeId, ProcessCluster } from '../clients/processCluster.ts';

const host = '127.0.0.1';
const keys = Array.from({ length: 20 }, (_, n) => `{${n}}`);

describe('a command', () => {
  let cluster: ProcessCluster;
  let leader: NodeId;
  let follower: NodeId;
  let observers: ReadonlyMap<NodeId, Redis>;

  before(async () => {
    cluster = await ProcessCluster.start();
    observers = new Map(cluster.ids.map((id) => [id, new Redis({ host, port: cluster.portOf(id) })]));
    leader = await cluster.whoLeads();
    [follower = leader] = cluster.ids.filter((id) => id !== leader);
  });

  after(async () => {
    for (const observer of observers?.values() ?? []) observer.disconnect();
    await cluster?.stop();
  });

  /** How often each node was sent a command of this name while `work` was done. */
  async function callsOf(name: string, work: () => Promise<unknown>): Promise<Map<NodeId, number>> {
    await Promise.all([...observers.values()].map((observer) => observer.config('RESETSTAT')));
    await work();
    const pattern = new RegExp(`^cmdstat_${name}:calls=(\\d+)`, 'm');
    const counts = [...observers].map(async ([id, observer]): Promise<[NodeId, number]> => {
      const [, calls = '0'] = pattern.exec(await observer.info('commandstats')) ?? [];
      return [id, Number(calls)];
    });
    return new Map(await Promise.all(counts));
  }

  /** A cluster client that knows one follower. */
  async function withCluster(
    scaleReads: NodeRole,
    work: (client: Cluster) => Promise<unknown>,
  ): Promise<void> {
    const client = new Cluster([{ host, port: cluster.portOf(follower) }], { scaleReads });
    await work(client);
    client.disconnect();
  }

  it('of a client at a follower is carried out there', async () => {
    const client = new Redis({ host, port: cluster.portOf(follower) });
    const calls = await callsOf('set', async () => {
      for (const key of keys) expect(await client.set(key, 'plain')).to.equal('OK');
    });
    client.disconnect();
    expect(calls.get(follower)).to.equal(keys.length);
    expect([...calls.values()].reduce((sum, count) => sum + count)).to.equal(keys.length);
  });

  it('of ioredis Cluster goes from a follower to the leader', async () => {
    const calls = await callsOf('set', () =>
      withCluster('master', async (client) => {
        for (const key of keys) expect(await client.set(key, 'cluster')).to.equal('OK');
      }),
    );
    expect(calls.get(leader)).to.equal(keys.length);
    expect(calls.get(follower)).to.equal(0);
  });

  it('that reads goes to the followers where ioredis Cluster has its reads there, and sees every write', async () => {
    const calls = await callsOf('get', () =>
      withCluster('slave', async (client) => {
        for (const key of keys) {
          await client.set(key, `of ${key}`);
          expect(await client.get(key)).to.equal(`of ${key}`);
        }
      }),
    );
    expect(calls.get(leader)).to.equal(0);
    expect([...calls.values()].reduce((sum, count) => sum + count)).to.equal(keys.length);
  });

  it('of a cluster of node-redis goes from a follower to the leader', async () => {
    const client = createCluster({ rootNodes: [{ url: `redis://${host}:${cluster.portOf(follower)}` }] });
    await client.connect();
    const calls = await callsOf('set', async () => {
      for (const key of keys) expect(await client.set(key, 'cluster')).to.equal('OK');
    });
    client.destroy();
    expect(calls.get(leader)).to.equal(keys.length);
    expect(calls.get(follower)).to.equal(0);
  });
});
