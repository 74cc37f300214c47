/** Sessions on a cluster in simulated time: pipelines through changes of leader, and silence. */
import { expect } from 'chai';
import { conditions, type KvCluster, kvCluster } from 'xstate-raft/testing';
import { OperationCode } from '../../../kv/operation.ts';
import { operation } from './applied.ts';
import { KvClient } from './kvClient.ts';

const { append, get } = OperationCode;

describe('a session on a cluster', () => {
  let bench: KvCluster;
  const clients: KvClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    bench.stop();
  });

  function connect(name: string): KvClient {
    const client = new KvClient(bench, name);
    clients.push(client);
    return client;
  }

  const pipelineOf = (name: string, round: number) =>
    Array.from({ length: 40 }, (_, i) => operation(append, 'k', `${name}${round * 40 + i} `));

  it('lets pipelined commands take effect once and in order through loss and changes of leader', async () => {
    bench = kvCluster(3, {
      conditions: { ...conditions.unreliable, duplication: 0.1 },
      ...{ seed: 5, maxRaftState: 2000, clockSkewMs: [0, 700, -900] },
    });
    const names = ['a', 'b'];
    const work = names.map(async (name) => {
      const client = connect(name);
      for (let round = 0; round < 6; round += 1) {
        const replies = await client.send(pipelineOf(name, round));
        expect(replies.every((reply) => typeof reply === 'number')).to.equal(true);
      }
    });
    const all = Promise.all(work);
    all.catch(() => {}); // it is awaited below
    for (let round = 0; round < 5; round += 1) {
      await bench.sleep(400);
      const leader = bench.leader();
      if (leader !== undefined) bench.restart(leader);
    }
    await bench.during(all);
    const value = String(await connect('reader').do(get, 'k'))
      .trim()
      .split(' ');
    for (const name of names) {
      const own = value.filter((word) => word.startsWith(name));
      expect(own).to.deep.equal(Array.from({ length: 240 }, (_, i) => `${name}${i}`));
    }
  });

  it('that was silent for too long is replaced without its client noticing', async () => {
    bench = kvCluster(3, { sessionIdleMsMax: 2000 });
    const client = connect('a');
    expect(await client.do(append, 'k', 'x')).to.equal(1);
    const before = bench.status(0)?.lastLogIndex ?? 0;
    await bench.sleep(5000);
    expect(bench.status(0)?.lastLogIndex, 'the tick that ends it').to.equal(before + 1);
    expect(await client.do(append, 'k', 'y')).to.equal(2);
    // Refused, registered anew, executed.
    expect(bench.status(bench.leader() ?? 0)?.lastLogIndex).to.equal(before + 4);
  });

  it('that is used is kept', async () => {
    bench = kvCluster(3, { sessionIdleMsMax: 2000 });
    const client = connect('a');
    await client.do(append, 'k', 'x');
    const leader = bench.leader() ?? 0;
    const before = bench.status(leader)?.lastLogIndex ?? 0;
    for (let i = 0; i < 10; i += 1) {
      await bench.sleep(1500);
      await client.do(append, 'k', 'x');
    }
    expect(bench.status(leader)?.lastLogIndex, 'commands alone').to.equal(before + 10);
  });
});
