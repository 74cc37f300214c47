/** Part 2B of the labs. */
import { expect } from 'chai';
import { type Cluster, cluster } from 'xstate-raft/testing';
import { reliable } from './labNetworks.ts';
import { type BenchOptions, type LabScenario, labScenario } from './labScenario.ts';

const three = (options: BenchOptions) => cluster(3, { ...options, conditions: reliable });
const five = (options: BenchOptions) => cluster(5, { ...options, conditions: reliable });

export const agreement: readonly LabScenario[] = [
  labScenario(
    'basic agreement',
    'Three commands, one after the other, take the indexes 1, 2 and 3 on all three servers. None is applied before it was started.',
    three,
    async (bench, { say }) => {
      say('A command counts as agreed on when all three have applied it at the same index.');
      for (let index = 1; index <= 3; index += 1) {
        expect(bench.appliedAt(index).count, `servers that applied ${index} before it was started`).to.equal(
          0,
        );
        expect(await bench.one(`command ${index}`, 3, false)).to.equal(index);
      }
    },
  ),

  labScenario(
    'RPC byte count',
    'Ten commands of 5,000 bytes: each goes to each follower once, and hardly anything besides.',
    three,
    async (bench, { say }) => {
      await bench.one('99', 3, false);
      say('From here on every byte that is sent is counted.');
      const before = bench.network.counts.bytes;
      let sent = 0;
      for (let index = 2; index < 12; index += 1) {
        const command = String(index).padEnd(5000, 'x');
        expect(await bench.one(command, 3, false)).to.equal(index);
        sent += command.length;
      }
      // Once to each of two followers.
      expect(bench.network.counts.bytes - before).to.be.at.most(2 * sent + 50_000);
    },
  ),

  labScenario(
    'agreement after follower reconnects',
    'A follower is cut off, and the others go on agreeing without it. When it is back it gets what it has missed.',
    three,
    async (bench, { say }) => {
      await bench.one('101', 3, false);
      const leader = await bench.checkOneLeader();
      say('One follower is cut off. Two of three are a majority: agreement goes on.');
      bench.disconnect((leader + 1) % 3);
      await bench.one('102', 2, false);
      await bench.one('103', 2, false);
      await bench.sleep(1000);
      await bench.one('104', 2, false);
      await bench.one('105', 2, false);
      say('It is back: the leader finds where their logs agree, and sends what is missing.');
      bench.connect((leader + 1) % 3);
      await bench.one('106', 3, true);
      await bench.sleep(1000);
      expect(await bench.one('107', 3, true)).to.be.at.least(7);
    },
  ),

  labScenario(
    'no agreement if too many followers disconnect',
    'Three of five are cut off: what the leader appends now must not be committed. When they are back, agreement goes on, with that entry or without it.',
    five,
    async (bench, { say }) => {
      await bench.one('10', 5, false);
      const leader = await bench.checkOneLeader();
      const cut = [1, 2, 3].map((offset) => (leader + offset) % 5);
      say('Three followers are cut off. The leader appends a command, and nobody may apply it.');
      bench.disconnect(...cut);
      expect(bench.start(leader, '20')).to.deep.include({ index: 2, isLeader: true });
      await bench.sleep(2000);
      expect(bench.appliedAt(2).count, 'servers that applied without a majority').to.equal(0);
      say('They are back, and elect a leader. It may have that entry, or another in its place.');
      bench.connect(...cut);
      const next = await bench.checkOneLeader();
      const { index, isLeader } = bench.start(next, '30');
      expect(isLeader).to.equal(true);
      expect(index, 'the next index, with or without the old entry').to.be.within(2, 3);
      await bench.one('1000', 5, true);
    },
  ),

  labScenario(
    'concurrent starts',
    'Five commands start at once, in one term: each has an index of its own, and all are applied.',
    three,
    async (bench, { say }) => {
      const leader = await bench.checkOneLeader();
      say('The leader is asked six times, at one and the same moment.');
      const { term } = bench.start(leader, 'first');
      const commands = [0, 1, 2, 3, 4].map((n) => `concurrent ${n}`);
      const started = commands.map((command) => bench.start(leader, command));
      expect(started).to.deep.equal([2, 3, 4, 5, 6].map((index) => ({ index, term, isLeader: true })));
      expect(await bench.until(() => bench.appliedAt(6).count === 3, 2000)).to.equal(true);
      expect([2, 3, 4, 5, 6].map((index) => bench.appliedAt(index))).to.deep.equal(
        commands.map((command) => ({ count: 3, command })),
      );
      expect(bench.raft(leader).getState()).to.deep.equal({ term, isLeader: true });
    },
  ),

  labScenario(
    'rejoin of partitioned leader',
    'A leader that is cut off takes entries that can never be committed, and so does the next one. Both return: those entries vanish.',
    three,
    async (bench, { say }) => {
      await bench.one('101', 3);
      const first = await bench.checkOneLeader();
      say('The leader is cut off, does not know it, and goes on appending.');
      bench.disconnect(first);
      for (const n of [1, 2, 3]) bench.start(first, `vanishes ${n}`);
      say('The others elect another leader, and agree on something else in the same place.');
      await bench.one('103', 2);
      const second = await bench.checkOneLeader();
      say('That one is cut off, too; and the first one returns.');
      bench.disconnect(second);
      for (const n of [4, 5, 6]) bench.start(second, `vanishes ${n}`);
      bench.connect(first);
      await bench.one('104', 2);
      say('All are back. What vanishes was never committed, and is applied nowhere.');
      bench.connect(second);
      const last = await bench.one('105', 3);
      for (let index = 1; index <= last; index += 1) {
        const { count, command } = bench.appliedAt(index);
        expect(count, `servers that applied ${index}`).to.equal(3);
        expect(command, `what was applied at ${index}`).not.to.match(/vanishes/);
      }
    },
  ),

  labScenario(
    'leader backs up quickly over incorrect follower logs',
    'Two sides of the cluster in turn take fifty entries that cannot be committed, and fifty that are. At the end all agree within ten seconds, for a follower’s refusal lets the leader go back a whole term at a time.',
    five,
    async (bench, { say, times }) => {
      const entries = times(50, 12);
      let command = 0;
      const next = () => {
        command += 1;
        return `${command}`;
      };
      await bench.one(next(), 5);
      const first = await bench.checkOneLeader();
      const at = (offset: number) => (first + offset) % 5;
      say(`Three of five are cut off: ${entries} entries pile up that cannot be committed.`);
      bench.disconnect(at(2), at(3), at(4));
      for (let i = 0; i < entries; i += 1) bench.start(first, next());
      await bench.sleep(500);
      say(`Now the other side: it elects a leader, and agrees on ${entries} entries.`);
      bench.disconnect(at(0), at(1));
      bench.connect(at(2), at(3), at(4));
      for (let i = 0; i < entries; i += 1) await bench.one(next(), 3);
      const second = await bench.checkOneLeader();
      const [other = 0] = [2, 3, 4].map(at).filter((i) => i !== second);
      say('One of that side is cut off, so that its leader, too, has entries that cannot be committed.');
      bench.disconnect(other);
      for (let i = 0; i < entries; i += 1) bench.start(second, next());
      await bench.sleep(500);
      say('The first side, with that one: the log of one is right, those of the others are not.');
      bench.disconnect(0, 1, 2, 3, 4);
      bench.connect(at(0), at(1), other);
      for (let i = 0; i < entries; i += 1) await bench.one(next(), 3);
      say('All are back, with logs that differ much, and agree at once.');
      bench.connect(0, 1, 2, 3, 4);
      await bench.one(next(), 5);
    },
  ),

  labScenario(
    "RPC counts aren't too high",
    'How many messages it takes: few for an election, few for twelve commands that start at once, and only heartbeats in an idle second.',
    three,
    async (bench, { say }) => {
      await bench.checkOneLeader();
      expect(bench.network.counts.rpcs, 'RPCs to elect the first leader').to.be.within(1, 30);
      say('Twelve commands start at once. They travel together, in a few messages.');
      const rpcs = await rpcsForTwelve(bench);
      expect(rpcs, 'RPCs for twelve entries').to.be.at.most(42);
      await bench.sleep(100);
      say('An idle second: heartbeats, and no more.');
      const idle = bench.network.counts.rpcs;
      await bench.sleep(1000);
      expect(bench.network.counts.rpcs - idle, 'RPCs of an idle second').to.be.at.most(3 * 20);
    },
  ),
];

/** What it takes to agree on twelve commands that start at once. A term that ends meanwhile shows nothing: up to five. */
async function rpcsForTwelve(bench: Cluster): Promise<number> {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const leader = await bench.checkOneLeader();
    const { term } = bench.raft(leader).getState();
    const before = bench.network.counts.rpcs;
    const started = Array.from({ length: 12 }, (_, i) => bench.start(leader, `${attempt}.${i}`));
    const last = started.at(-1)?.index ?? 0;
    const isAgreed = await bench.until(() => bench.appliedAt(last).count === 3, 2000);
    const rpcs = bench.network.counts.rpcs - before;
    if (bench.checkTerms() !== term || started.some(({ isLeader }) => !isLeader)) continue;
    expect(isAgreed, 'twelve commands agreed on in 2 s').to.equal(true);
    return rpcs;
  }
  throw new Error('Five terms in a row ended within 2 s.');
}
