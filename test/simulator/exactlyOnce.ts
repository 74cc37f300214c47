/** One run of the key/value service under loss, partitions and restarts: is every append there once, in order? */
import {
  checkLinearizability,
  conditions,
  keyValueModel,
  kvCluster,
  type MemoryPersister,
  recordHistory,
  SeededRandom,
} from 'xstate-raft/testing';

/** A round is a partition and a restart of everyone or of one, a second in all. */
const rounds = 8;
const servers = [0, 1, 2, 3, 4];

/** What is wrong with the appends of a client, or nothing. */
export async function appendTrial(
  seed: number,
  makePersister?: () => MemoryPersister,
): Promise<string | undefined> {
  const random = new SeededRandom(`appends ${seed}`);
  const bench = kvCluster(servers.length, {
    ...{ seed, conditions: { ...conditions.unreliable, duplication: 0.1 }, maxRaftState: 1000 },
    ...(makePersister && { makePersister }),
  });
  const { clerks, history } = recordHistory(
    [0, 1, 2].map(() => bench.clerk()),
    bench.clock,
  );
  const clients = clerks.map((clerk, client) => ({ client, clerk, appended: 0 }));
  let stopped = false;
  const work = Promise.all(
    clients.map(async (state) => {
      while (!stopped) {
        await state.clerk.append(`key${state.client}`, `(${state.client},${state.appended})`);
        state.appended += 1;
      }
    }),
  );
  // It is awaited below; until then its failure is nobody's.
  work.catch(() => {});
  try {
    for (let round = 0; round < rounds; round += 1) {
      await bench.sleep(300 + random.next() * 400);
      const cut = servers.filter(() => random.next() < 0.4).slice(0, 2);
      bench.partition(
        servers.filter((i) => !cut.includes(i)),
        cut,
      );
      await bench.sleep(300 + random.next() * 400);
      bench.heal();
      for (const i of servers) if (random.next() < 0.3) bench.restart(i);
    }
    stopped = true;
    await bench.during(work);
    for (const { client, clerk, appended } of clients) {
      const expected = Array.from({ length: appended }, (_, i) => `(${client},${i})`).join('');
      const value = await bench.during(clerk.get(`key${client}`));
      if (value !== expected) return `client ${client} reads ${value} in place of ${expected}`;
    }
    const { verdict } = checkLinearizability(history, keyValueModel);
    return verdict === 'linearizable'
      ? undefined
      : `the history of ${history.length} operations is ${verdict}`;
  } finally {
    bench.stop();
  }
}
