/** Part 2A of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster } from 'xstate-raft/testing';

describe('2A elections', () => {
  let bench: Cluster;
  afterEach(() => bench.stop());

  it('initial election', async () => {
    bench = cluster(3);
    await bench.checkOneLeader();
    await bench.sleep(50);
    const term = bench.checkTerms();
    expect(term).to.be.at.least(1);
    await bench.sleep(2000);
    expect(bench.checkTerms(), 'term after two quiet seconds').to.equal(term);
    await bench.checkOneLeader();
  });

  it('election after network failure', async () => {
    bench = cluster(3);
    const first = await bench.checkOneLeader();
    bench.disconnect(first);
    const second = await bench.checkOneLeader();
    bench.connect(first);
    expect(await bench.checkOneLeader(), 'leader after the old one returned').to.equal(second);
    bench.disconnect(second, (second + 1) % 3);
    await bench.sleep(2000);
    bench.checkNoLeader();
    bench.connect((second + 1) % 3);
    await bench.checkOneLeader();
    bench.connect(second);
    await bench.checkOneLeader();
  });

  it('multiple elections', async () => {
    bench = cluster(7);
    await bench.checkOneLeader();
    for (let round = 0; round < 10; round += 1) {
      const off = [round % 7, (round * 3 + 1) % 7, (round * 5 + 2) % 7];
      bench.disconnect(...off);
      await bench.checkOneLeader();
      bench.connect(...off);
    }
    await bench.checkOneLeader();
  });
});
