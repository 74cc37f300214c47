/** Part 2A of the labs. */
import { expect } from 'chai';
import { cluster, type SeededRandom } from 'xstate-raft/testing';
import { reliable } from './labNetworks.ts';
import { type BenchOptions, scenario } from './scenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const seven = (options: BenchOptions) => cluster(7, { ...options, conditions: reliable });

describe('2A elections', () => {
  scenario('initial election', three, async (bench) => {
    await bench.checkOneLeader();
    await bench.sleep(50);
    const term = bench.checkTerms();
    expect(term).to.be.at.least(1);
    await bench.sleep(2000);
    expect(bench.checkTerms(), 'term after two quiet seconds').to.equal(term);
    await bench.checkOneLeader();
  });

  scenario('election after network failure', three, async (bench) => {
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

  scenario('multiple elections', seven, async (bench, random) => {
    await bench.checkOneLeader();
    for (let round = 0; round < 10; round += 1) {
      const off = threeOf([0, 1, 2, 3, 4, 5, 6], random);
      bench.disconnect(...off);
      await bench.checkOneLeader();
      bench.connect(...off);
    }
    await bench.checkOneLeader();
  });
});

/** Three different ones. */
function threeOf(servers: readonly number[], random: SeededRandom): readonly number[] {
  const left = [...servers];
  return [0, 1, 2].flatMap(() => left.splice(Math.floor(random.next() * left.length), 1));
}
