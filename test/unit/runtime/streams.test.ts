/** The orders that machines/streams.ts promises, as marbles: one frame is one virtual ms. */
import { expect } from 'chai';
import type { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Applied } from '../../../machines/streams.ts';
import type { VirtualClock } from '../../../runtime/clock/virtualClock.ts';
import { harness, matched } from './nodeHarness.ts';

const bytes = new TextEncoder().encode('x');

/** What a stream carried, by ms since now. */
function watch<T, Shown>(clock: VirtualClock, stream: Observable<T>, show: (item: T) => Shown) {
  const start = clock.now();
  const seen: { frame: number; value: Shown }[] = [];
  stream.subscribe((item) => seen.push({ frame: Math.round(clock.now() - start), value: show(item) }));
  return {
    toBe(marbles: string, values: Record<string, Shown>) {
      const expected = TestScheduler.parseMarbles(marbles, values, undefined, true, true).map((message) => ({
        // A character of a diagram counts ten frames there.
        frame: message.frame / 10,
        value: message.notification.kind === 'N' ? message.notification.value : message.notification.kind,
      }));
      expect(seen).to.deep.equal(expected);
    },
  };
}

const indexes = (applied: Applied) =>
  applied.type === 'entries' ? applied.entries.map((entry) => entry.index) : [applied.snapshot.index];

describe('streams', () => {
  it('carry a batch from proposal to application, each stage once, in order', async () => {
    const bench = harness();
    await bench.elect();
    bench.answer('n2', matched(1, 0));
    await bench.pass(1);
    const { appended$, durable$, matched$, committed$, apply$ } = bench.node.streams;
    const { clock } = bench;
    const appended = watch(clock, appended$, ({ lastIndex }) => lastIndex);
    const durable = watch(clock, durable$, ({ lastIndex }) => lastIndex);
    const match = watch(clock, matched$, ({ matchIndex }) => matchIndex);
    const committed = watch(clock, committed$, ({ commitIndex }) => commitIndex);
    const applied = watch(clock, apply$, indexes);

    for (let i = 0; i < 3; i += 1) bench.node.propose(bytes);
    await bench.pass(2);
    bench.answer('n2', matched(1, 3));
    await bench.pass(2);
    bench.disk.finish();
    await bench.pass(2);

    appended.toBe('    a-----', { a: 3 });
    match.toBe('       --a---', { a: 3 });
    durable.toBe('     ----a-', { a: 3 });
    committed.toBe('   ----a-', { a: 3 });
    applied.toBe('     ----a-', { a: [1, 2, 3] });
  });

  it('gather what comes while a write is under way into one next batch', async () => {
    const bench = harness();
    await bench.elect();
    const durable = watch(bench.clock, bench.node.streams.durable$, ({ lastIndex }) => lastIndex);
    bench.node.propose(bytes);
    await bench.pass(1);
    bench.node.propose(bytes);
    await bench.pass(1);
    bench.node.propose(bytes);
    await bench.pass(1);
    bench.disk.finish();
    await bench.pass(2);
    bench.disk.finish();
    await bench.pass(1);
    durable.toBe('---a-b', { a: 1, b: 3 });
    expect(bench.disk.groups.slice(-2).map((group) => group.entries?.count)).to.deep.equal([1, 2]);
  });

  it('never let a commit index or a match fall when replies overtake each other', async () => {
    const bench = harness();
    await bench.elect();
    bench.disk.isFast = true;
    bench.answer('n2', matched(1, 0));
    await bench.pass(1);
    const calls: number[] = [];
    const match = watch(bench.clock, bench.node.streams.matched$, ({ matchIndex }) => matchIndex);
    const committed = watch(bench.clock, bench.node.streams.committed$, ({ commitIndex }) => commitIndex);
    const propose = async () => {
      bench.node.propose(bytes);
      await bench.pass(0);
      calls.push(bench.sent.findLast(({ to }) => to === 'n2')?.callId ?? 0);
    };
    // As many as may be in flight, and one more when there is room.
    await propose();
    await propose();
    await bench.pass(1);
    bench.node.replied(calls[1] ?? 0, matched(1, 2));
    await bench.pass(1);
    bench.node.replied(calls[0] ?? 0, matched(1, 1));
    await bench.pass(1);
    await propose();
    bench.node.replied(calls[2] ?? 0, matched(1, 3));
    await bench.pass(1);
    match.toBe('    -aab', { a: 2, b: 3 });
    committed.toBe('-a-b', { a: 2, b: 3 });
  });
});
