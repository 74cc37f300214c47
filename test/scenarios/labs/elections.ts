/** Part 2A of the labs. */
import { expect } from 'chai';
import { cluster, type SeededRandom } from 'xstate-raft/testing';
import { reliable } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario } from './labScenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const seven = (options: BenchOptions) => cluster(7, { ...options, conditions: reliable });

export const elections: readonly LabScenario[] = [
  labScenario(
    'initial election',
    'Three servers elect one leader. As long as nothing fails, it stays the leader, and the term stays as it is.',
    three,
    async (bench, { say }) => {
      say('Whoever has waited longest for a leader stands for election.');
      await bench.checkOneLeader();
      await bench.sleep(50);
      const term = bench.checkTerms();
      expect(term).to.be.at.least(1);
      say('Heartbeats keep the others from standing: two quiet seconds leave the term as it was.');
      await bench.sleep(2000);
      expect(bench.checkTerms(), 'term after two quiet seconds').to.equal(term);
      await bench.checkOneLeader();
      say('Still one leader, in the same term.');
    },
  ),

  labScenario(
    'election after network failure',
    'A leader that is cut off is replaced, and disturbs nobody when it is back. Without a majority nobody leads.',
    three,
    async (bench, { say }) => {
      const first = await bench.checkOneLeader();
      say('The leader is cut off: the other two are a majority, and elect another one.');
      bench.disconnect(first);
      const second = await bench.checkOneLeader();
      say('The old leader is back. It hears of the later term, and follows.');
      bench.connect(first);
      expect(await bench.checkOneLeader(), 'leader after the old one returned').to.equal(second);
      say('Two of three are cut off, the leader among them: nobody can have a majority, so nobody may lead.');
      bench.disconnect(second, (second + 1) % 3);
      await bench.sleep(2000);
      bench.checkNoLeader();
      say('Nobody led for two seconds. One of them is back: two of three are a majority again.');
      bench.connect((second + 1) % 3);
      await bench.checkOneLeader();
      say('The last one is back, and there is still one leader.');
      bench.connect(second);
      await bench.checkOneLeader();
    },
  ),

  labScenario(
    'multiple elections',
    'Again and again three of seven servers are cut off, perhaps the leader among them: the four that remain are a majority, and have one leader.',
    seven,
    async (bench, { random, say, times }) => {
      await bench.checkOneLeader();
      const rounds = times(10, 5);
      for (let round = 1; round <= rounds; round += 1) {
        const off = threeOf([0, 1, 2, 3, 4, 5, 6], random);
        say(`Round ${round} of ${rounds}: three servers are cut off.`);
        bench.disconnect(...off);
        await bench.checkOneLeader();
        say('The others have one leader. All are back.');
        bench.connect(...off);
      }
      await bench.checkOneLeader();
    },
  ),
];

/** Three different ones. */
function threeOf(servers: readonly number[], random: SeededRandom): readonly number[] {
  const left = [...servers];
  return [0, 1, 2].flatMap(() => left.splice(Math.floor(random.next() * left.length), 1));
}
