/** The face of the embedding API at awkward moments. */
import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { RaftReply, RaftRequest } from '../../../machines/messages.ts';
import { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import { type ApplyMsg, type MakeRaftOptions, makeRaft, type Raft } from '../../../runtime/makeRaft.ts';
import { virtualScheduling } from '../../../runtime/scheduling.ts';
import { MemoryPersister } from '../../../runtime/storage/persister.ts';
import { cluster } from '../../../runtime/testing.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (command: Uint8Array) => new TextDecoder().decode(command);

/** One server, alone or with peers that never answer, in simulated time. */
function lone(options: Partial<MakeRaftOptions> = {}) {
  const clock = new VirtualClock();
  const persister = new MemoryPersister();
  const applyCh = new Subject<ApplyMsg>();
  const silent = { call: () => new Promise<RaftReply | undefined>(() => {}) };
  const raft = makeRaft({
    ...{ peers: [silent], me: 0, persister, applyCh, clock, scheduling: virtualScheduling, seed: 1 },
    ...options,
  });
  return { clock, persister, applyCh, raft };
}

const voteOf = (term: number): RaftRequest => ({
  ...{ type: 'requestVote', group: 0, term, from: 'n1', lastLogIndex: 100, lastLogTerm: term },
  leadershipTransfer: true,
});

describe('makeRaft', () => {
  it('commits alone, and its first command has index 1', async () => {
    const { clock, applyCh, raft } = lone();
    const seen: ApplyMsg[] = [];
    applyCh.subscribe((message) => seen.push(message));
    await clock.run(1000, () => raft.getState().isLeader);
    expect(raft.start(bytes('a'))).to.deep.equal({ index: 1, term: 1, isLeader: true });
    await clock.run(2000);
    expect(seen).to.have.length(1);
    expect(seen[0]).to.deep.include({ commandValid: true, commandIndex: 1, commandTerm: 1 });
    raft.kill();
  });

  it('takes a start from inside a subscriber, and applies it after the one being delivered', async () => {
    const { clock, applyCh, raft } = lone();
    const order: string[] = [];
    applyCh.subscribe((message) => {
      if (!('commandValid' in message)) return;
      const command = text(message.command);
      order.push(`begin ${command}`);
      if (message.commandIndex < 4) {
        const started = raft.start(bytes(`${message.commandIndex + 1}`));
        expect(started).to.deep.equal({ index: message.commandIndex + 1, term: 1, isLeader: true });
      }
      order.push(`end ${command}`);
    });
    await clock.run(1000, () => raft.getState().isLeader);
    raft.start(bytes('1'));
    await clock.run(2000);
    expect(order).to.deep.equal([1, 2, 3, 4].flatMap((n) => [`begin ${n}`, `end ${n}`]));
    raft.kill();
  });

  it('shows every message to two subscribers in the same order, also when one snapshots in between', async () => {
    const { clock, persister, applyCh, raft } = lone();
    const seen: [number, number][] = [];
    applyCh.subscribe((message) => {
      if (!('commandValid' in message)) return;
      seen.push([1, message.commandIndex]);
      if (message.commandIndex % 10 === 0)
        raft.snapshot(message.commandIndex, bytes(`up to ${message.commandIndex}`));
    });
    applyCh.subscribe((message) => {
      if ('commandValid' in message) seen.push([2, message.commandIndex]);
    });
    await clock.run(1000, () => raft.getState().isLeader);
    for (let i = 0; i < 25; i += 1) raft.start(bytes('x'.repeat(40)));
    await clock.run(2000);
    expect(seen).to.deep.equal(
      Array.from({ length: 25 }, (_, i) => [
        [1, i + 1],
        [2, i + 1],
      ]).flat(),
    );
    expect(raft.status().snapshotIndex).to.equal(20);
    expect(text(persister.readSnapshot())).to.equal('up to 20');
    expect(persister.raftStateSize(), 'bytes of the five entries left').to.be.below(500);
    raft.kill();
  });

  it('is silent after a kill from inside a subscriber: the rest of the batch is not delivered', async () => {
    const { clock, persister, applyCh, raft } = lone();
    const seen: number[] = [];
    applyCh.subscribe((message) => {
      if ('commandValid' in message) seen.push(message.commandIndex);
      if (seen.length === 3) raft.kill();
    });
    await clock.run(1000, () => raft.getState().isLeader);
    for (let i = 0; i < 10; i += 1) raft.start(bytes('x'));
    await clock.run(2000);
    const size = persister.raftStateSize();
    expect(raft.start(bytes('late'))).to.include({ isLeader: false });
    await clock.run(5000);
    expect(seen).to.deep.equal([1, 2, 3]);
    expect(persister.raftStateSize(), 'bytes persisted after the kill').to.equal(size);
  });

  it('refuses a start in the middle of a step-down, or keeps the entry that it promised', async () => {
    const results: { index: number; term: number; isLeader: boolean; last: number }[] = [];
    let raft: Raft | undefined;
    const persister = new (class extends MemoryPersister {
      // Saving is where a step-down first reaches the application.
      override save(state: Uint8Array, snapshot?: Uint8Array) {
        super.save(state, snapshot);
        if (!raft) return;
        const started = raft.start(bytes('during'));
        results.push({ ...started, last: raft.status().lastLogIndex });
      }
    })();
    const made = lone({ persister });
    await made.clock.run(1000, () => made.raft.getState().isLeader);
    raft = made.raft;
    const leading = raft.start(bytes('before'));
    expect(leading.isLeader).to.equal(true);
    void raft.handle(voteOf(7));
    await made.clock.run(made.clock.now() + 1);
    expect(results.length, 'saves seen').to.be.above(0);
    for (const { index, term, isLeader, last } of results) {
      if (isLeader) expect(index).to.be.at.most(last);
      else expect(term).to.equal(7);
    }
    expect(results.at(-1)).to.include({ isLeader: false, index: -1 });
    raft.kill();
  });

  it('lets a snapshot or a kill come in the middle of a step-down', async () => {
    let duringSave: (() => void) | undefined;
    const persister = new (class extends MemoryPersister {
      override save(state: Uint8Array, snapshot?: Uint8Array) {
        super.save(state, snapshot);
        duringSave?.();
      }
    })();
    const { clock, raft, applyCh } = lone({ persister });
    const seen: number[] = [];
    applyCh.subscribe((message) => 'commandValid' in message && seen.push(message.commandIndex));
    await clock.run(1000, () => raft.getState().isLeader);
    for (let i = 0; i < 3; i += 1) raft.start(bytes('x'));
    await clock.run(clock.now() + 10);
    expect(seen).to.deep.equal([1, 2, 3]);
    duringSave = () => {
      duringSave = undefined;
      raft.snapshot(2, bytes('two'));
    };
    void raft.handle(voteOf(7));
    await clock.run(clock.now() + 10);
    expect(raft.status()).to.include({ snapshotIndex: 2, role: 'follower', term: 7 });
    duringSave = () => raft.kill();
    void raft.handle(voteOf(9));
    await clock.run(clock.now() + 10);
    expect(raft.status().role).to.equal('stopped');
  });

  it('begins after its snapshot when it is restarted', async () => {
    const first = lone();
    first.applyCh.subscribe((message) => {
      if ('commandValid' in message && message.commandIndex === 5) first.raft.snapshot(5, bytes('five'));
    });
    await first.clock.run(1000, () => first.raft.getState().isLeader);
    for (let i = 0; i < 8; i += 1) first.raft.start(bytes('x'));
    await first.clock.run(2000);
    first.raft.kill();

    const again = lone({ persister: first.persister.copy() });
    const seen: ApplyMsg[] = [];
    again.applyCh.subscribe((message) => seen.push(message));
    await again.clock.run(1000, () => again.raft.getState().isLeader);
    again.raft.start(bytes('y'));
    await again.clock.run(2000);
    expect(seen.map((message) => 'commandValid' in message && message.commandIndex)).to.deep.equal([
      6, 7, 8, 9,
    ]);
    again.raft.kill();
  });

  it('rejects what is no message, by name, and goes on', async () => {
    const { clock, raft } = lone();
    const garbage = { ...voteOf(3), term: -1 };
    const refused = await raft.handle(garbage).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(refused).to.equal('A requestVote message has -1 as its term.');
    expect(() => raft.start('text' as unknown as Uint8Array)).to.throw(
      'A command is a Uint8Array, not string',
    );
    expect(await clock.run(1000, () => raft.getState().isLeader)).to.equal(true);
    raft.kill();
  });

  it('brings a server back by snapshot when the log that it needs is gone', async () => {
    const bench = cluster(3, {
      onApply: (_, message, raft) => {
        if ('commandValid' in message && message.commandIndex % 10 === 0) {
          raft.snapshot(message.commandIndex, bytes(`up to ${message.commandIndex}`));
        }
      },
    });
    await bench.one('first', 3);
    const leader = await bench.checkOneLeader();
    const victim = (leader + 1) % 3;
    bench.crash(victim);
    for (let i = 0; i < 25; i += 1) await bench.one(`command ${i}`, 2);
    bench.restart(victim);
    await bench.one('last', 3);
    expect(bench.raft(victim).status().snapshotIndex).to.be.at.least(20);
    expect(text(bench.persister(victim).readSnapshot())).to.match(/^up to/);
    for (let i = 0; i < 3; i += 1) expect(bench.persister(i).raftStateSize()).to.be.below(2000);
    bench.stop();
  });
});
