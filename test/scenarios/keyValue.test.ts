/** The key/value service under partitions and restarts. */
import { expect, use } from 'chai';
import {
  chaiLinearizable,
  conditions,
  type KvCluster,
  keyValueModel,
  kvCluster,
  recordHistory,
} from 'xstate-raft/testing';

use(chaiLinearizable);

describe('key/value service', () => {
  let bench: KvCluster;
  afterEach(() => bench.stop());

  it('puts, appends and gets; a missing key reads as nothing', async () => {
    bench = kvCluster(3);
    const clerk = bench.clerk();
    await bench.during(clerk.put('a', '1'));
    await bench.during(clerk.append('a', '2'));
    await bench.during(clerk.append('b', '3'));
    const read = await bench.during(Promise.all(['a', 'b', 'c'].map((key) => clerk.get(key))));
    expect(read).to.deep.equal(['12', '3', '']);
  });

  it('makes progress in the majority, none in the minority, and completes once healed', async () => {
    bench = kvCluster(5);
    const { clerks, history } = recordHistory([bench.clerk()], bench.clock);
    const [clerk = bench.clerk()] = clerks;
    await bench.during(clerk.put('1', '13'));
    const leader = bench.leader() ?? 0;
    const others = [1, 2, 3, 4].map((offset) => (leader + offset) % 5);
    // The majority side goes on.
    bench.partition(others.slice(0, 3), [leader, ...others.slice(3)]);
    await bench.during(clerk.put('1', '14'), 5000);
    expect(await bench.during(clerk.get('1'), 5000)).to.equal('14');
    // The minority side does not.
    const second = bench.leader() ?? 0;
    const rest = [0, 1, 2, 3, 4].filter((i) => i !== second);
    bench.partition([second, ...rest.slice(0, 1)], rest.slice(1));
    const settled: string[] = [];
    const put = clerk.put('1', '15').then(() => settled.push('put'));
    const get = clerk.get('1').then((value) => settled.push(value));
    await bench.sleep(1000);
    expect(settled, 'operations that completed in a minority').to.deep.equal([]);
    bench.heal();
    await bench.during(Promise.all([put, get]), 3000);
    expect(await bench.during(clerk.get('1'))).to.equal('15');
    expect(history).to.be.linearizable(keyValueModel);
  });

  it('lets every append take effect once, in order, and reads see them, through loss, partitions and restarts', async () => {
    bench = kvCluster(5, { conditions: { ...conditions.unreliable, duplication: 0.1 }, maxRaftState: 1000 });
    const { clerks, history } = recordHistory(
      [0, 1, 2].map(() => bench.clerk()),
      bench.clock,
    );
    const clients = clerks.map((clerk, client) => ({ client, clerk, appended: 0 }));
    let stopped = false;
    const work = clients.map(async (state) => {
      while (!stopped) {
        await state.clerk.append(`key${state.client}`, `(${state.client},${state.appended})`);
        state.appended += 1;
        // Another's key, while that one appends to it.
        await state.clerk.get(`key${(state.client + 1) % 3}`);
      }
    });
    for (let round = 0; round < 8; round += 1) {
      await bench.sleep(700);
      const cut = [round % 5, (round * 2 + 1) % 5].filter((i, at, all) => all.indexOf(i) === at);
      bench.partition(
        [0, 1, 2, 3, 4].filter((i) => !cut.includes(i)),
        cut,
      );
      await bench.sleep(500);
      bench.heal();
      bench.restart((round * 3) % 5);
    }
    stopped = true;
    await bench.during(Promise.all(work));
    for (const { client, clerk, appended } of clients) {
      const expected = Array.from({ length: appended }, (_, i) => `(${client},${i})`).join('');
      expect(appended, 'appends made').to.be.above(10);
      expect(await bench.during(clerk.get(`key${client}`))).to.equal(expected);
    }
    expect(history).to.be.linearizable(keyValueModel);
    for (let i = 0; i < 5; i += 1) {
      expect(bench.persister(i).raftStateSize(), `bytes of Raft state on server ${i}`).to.be.below(8 * 1000);
    }
  });
});
