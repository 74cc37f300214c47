/** When the chart of a leader proposes a tick. */
import { expect } from 'chai';
import { createActor } from 'xstate';
import { kvServerMachine } from '../../../kv/kvServer.ts';
import { KvServing } from '../../../kv/kvServing.ts';
import { expiredPerEntryMax } from '../../../kv/limits.ts';
import { OperationCode } from '../../../kv/operation.ts';
import { decodeEntryHeader } from '../../../kv/wire.ts';
import type { Entry } from '../../../machines/entry.ts';
import type { Storage } from '../../../machines/ports.ts';
import { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import type { RaftNode } from '../../../runtime/raftNode.ts';
import { Applied } from './applied.ts';

/** A server whose state is that of a snapshot, with what it proposes. */
class Bench {
  readonly clock = new VirtualClock();
  readonly proposedAt: number[] = [];
  readonly actor;
  /** What its time of day is ahead of the clock, ms. */
  ahead = 1000;
  isOpen = true;

  constructor(applied: Applied) {
    const lastApplied = applied.index;
    const serving = new KvServing({
      ...{ id: 'n1', state: applied.state, maxLogBytes: -1, sessionIdleMsMax: 1e6 },
      timeOfDay: () => this.ahead + this.clock.now(),
      node: {
        propose: (payload: Uint8Array, kind: Entry['kind'], service: number) => {
          if (!this.isOpen) return { index: -1, term: 1, isLeader: false };
          this.proposedAt.push(decodeEntryHeader(payload).proposedAt);
          const index = lastApplied + this.proposedAt.length;
          const entries: Entry[] = [{ index, term: 1, kind, service, payload }];
          // A commit takes its time.
          this.clock.setTimeout(() => this.actor.send({ type: 'entriesApplied', entries }), 5);
          return { index, term: 1, isLeader: true };
        },
      } as unknown as RaftNode, // of the node, ticks use this alone
      storage: {} as Storage,
      reply: () => {},
    });
    this.actor = createActor(kvServerMachine, { clock: this.clock, input: { serving, lastApplied } });
    this.actor.start();
  }
}

describe('ticks', () => {
  let applied: Applied;
  beforeEach(() => {
    applied = new Applied(1000);
    applied.do(OperationCode.put, 'k', 'v', 'PX', '500');
  });

  it('are a leader’s alone, which knows the deadlines of its snapshot from the start', async () => {
    const bench = new Bench(applied);
    await bench.clock.run(700);
    expect(bench.proposedAt).to.deep.equal([]);
    bench.actor.send({ type: 'leadershipGained' });
    await bench.clock.run(800);
    expect(bench.proposedAt).to.have.length(1);
    expect(applied.get('k')).to.equal(null);
  });

  it('come at the deadline, once', async () => {
    const bench = new Bench(applied);
    bench.actor.send({ type: 'leadershipGained' });
    await bench.clock.run(9000);
    expect(bench.proposedAt).to.deep.equal([1500]);
  });

  it('end with the leadership', async () => {
    const bench = new Bench(applied);
    bench.actor.send({ type: 'leadershipGained' });
    bench.actor.send({ type: 'leadershipLost' });
    await bench.clock.run(9000);
    expect(bench.proposedAt).to.deep.equal([]);
  });

  it('are tried again where proposals were closed for a while, and not without pause', async () => {
    const bench = new Bench(applied);
    bench.isOpen = false;
    bench.actor.send({ type: 'leadershipGained' });
    await bench.clock.run(1100);
    bench.isOpen = true;
    await bench.clock.run(1400);
    expect(bench.proposedAt).to.have.length(1);
    expect(bench.proposedAt[0]).to.be.within(2100, 2400);
  });

  it('wait out a clock that is set back', async () => {
    const bench = new Bench(applied);
    bench.actor.send({ type: 'leadershipGained' });
    await bench.clock.run(400);
    bench.ahead -= 2000;
    await bench.clock.run(2400);
    expect(bench.proposedAt).to.deep.equal([]);
    await bench.clock.run(2600);
    expect(bench.proposedAt).to.deep.equal([1500]);
  });

  it('give back memory at once where log time is ahead of the leader’s clock', async () => {
    for (let i = 0; i < 3 * expiredPerEntryMax; i += 1)
      applied.do(OperationCode.put, `k${i}`, 'v', 'PX', '500');
    applied.clock = 9000;
    applied.tick();
    const bench = new Bench(applied);
    bench.actor.send({ type: 'leadershipGained' });
    await bench.clock.run(100);
    expect(applied.state.deadlines).to.equal(0);
    expect(bench.proposedAt).to.have.length(3);
  });
});
