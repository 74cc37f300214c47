/** A node that has much to apply, as after a restart, goes on hearing its peers meanwhile. */
import { expect } from 'chai';
import { applyEntriesMax } from '../../../machines/limits.ts';
import { SeededRandom } from '../../../machines/random.ts';
import { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import { NotCapturable } from '../../../runtime/image/plainCopy.ts';
import { RaftNode } from '../../../runtime/raftNode.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';
import { block, entriesRequest, HandDisk } from './nodeHarness.ts';

describe('a node with much to apply', () => {
  it('hands it to the service in batches, one in a turn of the event loop', async () => {
    const batches = 3;
    const count = batches * applyEntriesMax - 5;
    const disk = new HandDisk({ term: 1, entries: [block(1, new Array(count).fill(1))] });
    disk.isFast = true;
    const clock = new VirtualClock();
    /** What waits for the turn to end. */
    const waiting: (() => void)[] = [];
    const node = new RaftNode({
      ...{ id: 'n1', group: 0, configuration: { voters: ['n1', 'n2', 'n3'], learners: [] }, raft: {} },
      ...{ storage: disk, clock, random: new SeededRandom(1) },
      scheduling: { ...virtualScheduling, inNextTurn: (task) => waiting.push(task) },
      sendRequest: () => {},
      sendReply: () => {},
    });
    const applied: number[] = [];
    node.streams.apply$.subscribe((batch) => {
      if (batch.type === 'entries') applied.push(batch.entries.length);
    });
    node.start();
    node.receive(1, entriesRequest(1, [count, 1], [], { leaderCommit: count }));
    await clock.run(clock.now());
    for (let turn = 1; turn <= batches; turn += 1) {
      expect(applied, `in turn ${turn}`).to.have.length(turn);
      if (turn < batches) expect(() => node.image()).to.throw(NotCapturable);
      for (const task of waiting.splice(0)) task();
      await clock.run(clock.now());
    }
    expect(applied.reduce((sum, length) => sum + length)).to.equal(count);
    expect(Math.max(...applied)).to.equal(applyEntriesMax);
    expect(node.status().lastApplied).to.equal(count);
    node.image();
    await node.stop();
  });
});
