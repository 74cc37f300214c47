/** Reads at servers that follow are as linearizable as those at the leader, and spare it the work. */
import { expect, use } from 'chai';
import {
  chaiLinearizable,
  type KvCluster,
  keyValueModel,
  kvCluster,
  recordHistory,
} from 'xstate-raft/testing';

use(chaiLinearizable);

describe('clerks that read at the nearest server', () => {
  let bench: KvCluster;
  afterEach(() => bench.stop());

  /** How many requests of the service came to each server. */
  async function led(size = 3): Promise<number> {
    bench = kvCluster(size, { seed: 'member reads' });
    await bench.clock.run(5000, () => bench.leader() !== undefined);
    return bench.leader() ?? 0;
  }

  it('read there what was just written at the leader', async () => {
    const leader = await led();
    const follower = (leader + 1) % bench.size;
    const writer = bench.clerk();
    const reader = bench.clerk([follower], follower);
    await bench.during(writer.put('k', '0'));
    for (let i = 1; i <= 20; i += 1) {
      await bench.during(writer.put('k', `${i}`));
      // The follower is all that this clerk reaches.
      expect(await bench.during(reader.get('k'))).to.equal(`${i}`);
    }
  });

  it('wait for what is applied there', async () => {
    const leader = await led();
    const follower = (leader + 1) % bench.size;
    await bench.during(bench.clerk().put('k', 'v'));
    const begun = bench.clock.now();
    const [at, other] = [follower, (leader + 2) % bench.size];
    // What is committed without this follower reaches it no sooner than it is back.
    bench.split([leader, other], [at]);
    const reader = bench.clerk([at], at);
    const read = reader.get('k');
    await bench.during(bench.clerk().put('k', 'newer'));
    await bench.sleep(1500);
    bench.heal();
    expect(await bench.during(read)).to.equal('newer');
    expect(bench.clock.now() - begun).to.be.above(1500);
  });

  it('leave one that hears no leader', async () => {
    const leader = await led();
    const lonely = (leader + 1) % bench.size;
    const reader = bench.clerk(undefined, lonely);
    await bench.during(reader.put('k', 'v'));
    bench.split(
      bench.all.filter((i) => i !== lonely),
      [lonely],
    );
    await bench.sleep(1000);
    expect(await bench.during(reader.get('k'), 5000)).to.equal('v');
  });

  for (const seed of [1, 2]) {
    it(`see one history, whatever befalls the servers (seed ${seed})`, async () => {
      bench = kvCluster(5, { seed: `member reads ${seed}`, maxRaftState: 1000 });
      const { clerks, history } = recordHistory(
        bench.all.map((i) => bench.clerk(undefined, i)),
        bench.clock,
      );
      const load = { isOver: false };
      const work = Promise.all(
        clerks.map(async (clerk, client) => {
          for (let i = 0; !load.isOver; i += 1) {
            if (client === 0) await clerk.put('shared', `${i}`);
            else if (i % 4 === 0) await clerk.append('shared', `,${client}:${i}`);
            else await clerk.get('shared');
            await new Promise<void>((resolve) => void bench.clock.setTimeout(resolve, 50));
          }
        }),
      );
      work.catch(() => {});
      for (let round = 0; round < 3; round += 1) {
        const leader = bench.leader() ?? 0;
        const other = (leader + 1 + round) % bench.size;
        bench.split(
          [leader, other],
          bench.all.filter((i) => i !== leader && i !== other),
        );
        await bench.sleep(1500);
        bench.heal();
        await bench.sleep(500);
        bench.crash(other);
        await bench.sleep(500);
        bench.restart(other);
        await bench.sleep(500);
      }
      load.isOver = true;
      await bench.during(work, 30_000);
      const answered = history.filter(({ input, returnedAt }) => input.kind === 'get' && returnedAt);
      expect(answered.length, 'reads').to.be.above(100);
      expect(history).to.be.linearizable(keyValueModel);
    });
  }
});
