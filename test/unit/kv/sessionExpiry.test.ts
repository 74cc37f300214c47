/** Sessions end by log time, keep no more than they may, and are the same on every replica. */
import { expect } from 'chai';
import fc from 'fast-check';
import { KvService } from '../../../kv/kvService.ts';
import { sessionLimits } from '../../../kv/limits.ts';
import { LogTime } from '../../../kv/logTime.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { Sessions } from '../../../kv/sessions.ts';
import { chunkBytes } from '../../../kv/snapshotFormat.ts';
import type { Storage } from '../../../machines/ports.ts';
import { InvalidArgument } from '../../../runtime/errors.ts';
import { Applied, codeOf, operation } from './applied.ts';
import { recordsOf } from './snapshotRecords.ts';

const append = operation(OperationCode.append, 'k', 'x');

describe('a silent session', () => {
  let applied: Applied;
  let session: number;
  beforeEach(() => {
    applied = new Applied(10_000);
    session = applied.register(5000);
  });

  it('ends when log time has passed the silence that its registration allows, and not before', () => {
    applied.clock = 14_999;
    expect(applied.run(session, 1, append)).to.equal(1);
    applied.clock = 19_999;
    expect(applied.run(session, 2, append)).to.equal(2);
    applied.clock = 25_000;
    expect(codeOf(applied.run(session, 3, append))).to.equal('SessionExpired');
    expect(codeOf(applied.run(session, 1, append)), 'a retry').to.equal('SessionExpired');
    expect(applied.get('k')).to.equal('xx');
  });

  it('is kept by its use, and by that alone', () => {
    const other = applied.register(5000);
    for (let sequence = 1; sequence <= 10; sequence += 1) {
      applied.clock += 3000;
      expect(applied.run(session, sequence, append)).to.equal(sequence);
    }
    expect(codeOf(applied.run(other, 1, append))).to.equal('SessionExpired');
  });

  it('has the limit that was written into its registration', () => {
    const patient = applied.register(50_000);
    applied.clock = 16_000;
    expect(codeOf(applied.run(session, 1, append))).to.equal('SessionExpired');
    expect(applied.run(patient, 1, append)).to.equal(1);
  });

  it('gives its memory back when a tick passes its end, which the leader knows of', () => {
    expect(applied.state.nextDeadline).to.equal(15_000);
    applied.run(session, 1, append);
    applied.clock = 15_000;
    applied.tick();
    expect([applied.state.sessions, applied.state.nextDeadline]).to.deep.equal([0, Number.POSITIVE_INFINITY]);
  });

  it('has ended even where so many ended with it that its memory is not given back yet', () => {
    const many = Array.from({ length: 600 }, () => applied.register(5000));
    applied.clock = 15_000;
    expect(codeOf(applied.run(many.at(-1) ?? 0, 1, append))).to.equal('SessionExpired');
    expect(applied.state.sessions).to.be.within(300, 400);
  });

  it('ends at the same time after a snapshot', async () => {
    const restored = new Applied();
    await restored.follow(applied);
    restored.clock = 14_999;
    expect(restored.run(session, 1, append)).to.equal(1);
    const late = new Applied();
    await late.follow(applied);
    late.clock = 15_000;
    expect(codeOf(late.run(session, 1, append))).to.equal('SessionExpired');
  });

  it('is allowed a whole number of ms', () => {
    const options = { nodeId: 'n1', storage: {} as Storage, maxLogBytes: -1, timeOfDay: () => 0 };
    for (const sessionIdleMsMax of [0, -1, 1.5, Number.NaN]) {
      expect(() => new KvService({ ...options, sessionIdleMsMax })).to.throw(
        InvalidArgument,
        'sessionIdleMsMax',
      );
    }
  });
});

describe('what is kept for sessions', () => {
  const limits = { ...sessionLimits, sessionsMax: 3, unseenBytesMax: 1000, repliesBytesMax: 3000 };
  const reply = new Uint8Array(400);
  let sessions: Sessions;
  beforeEach(() => {
    sessions = new Sessions(new LogTime(), limits);
    for (const id of [1, 2, 3]) sessions.register(id, 1e6);
  });

  const once = (session: number, sequence: number, seenThrough = 0, what: Reply = reply) =>
    codeOf(sessions.once({ session, sequence, seenThrough }, () => what));
  const ids = () => {
    const view = sessions.openView();
    const all = [...view.entries].map(([id]) => id);
    view.close();
    return all;
  };

  it('is bounded for each: a command waits until enough was seen, and has no effect until then', () => {
    expect([1, 2, 3, 4].map((sequence) => once(1, sequence))).to.deep.equal([
      reply,
      reply,
      reply,
      'RepliesUnseen',
    ]);
    expect(once(1, 5), 'the one behind it').to.equal('SequenceGap');
    expect(once(1, 2), 'a reply that is kept').to.equal(reply);
    expect(once(1, 4, 1)).to.equal(reply);
    expect(sessions.bytes).to.be.within(3 * 400, 3 * 500);
  });

  it('lets one long reply pass', () => {
    const long = new Uint8Array(2500);
    expect(once(1, 1, 0, long)).to.equal(long);
    expect(once(1, 2, 0)).to.equal('RepliesUnseen');
    expect(once(1, 2, 1)).to.equal(reply);
  });

  it('is bounded for all: the most silent sessions end first', () => {
    for (const session of [2, 1, 3]) for (const sequence of [1, 2]) once(session, sequence);
    once(1, 3);
    once(3, 3, 1);
    expect(ids()).to.deep.equal([1, 3]);
    expect(once(2, 3)).to.equal('SessionExpired');
    expect(sessions.bytes).to.be.below(limits.repliesBytesMax);
  });

  it('never ends the session that is being used', () => {
    expect(once(3, 1, 0, new Uint8Array(5000))).to.be.instanceOf(Uint8Array);
    expect(ids()).to.deep.equal([3]);
  });

  it('is for so many sessions at most: the most silent one ends', () => {
    once(1, 1);
    sessions.register(4, 1e6);
    expect(ids()).to.deep.equal([3, 1, 4]);
    expect(once(2, 1)).to.equal('SessionExpired');
  });

  it('is forgotten with the session', () => {
    for (const session of [1, 2, 3]) once(session, 1);
    for (const session of [1, 2, 3]) sessions.close(session);
    expect([sessions.bytes, sessions.nextDeadline]).to.deep.equal([0, Number.POSITIVE_INFINITY]);
  });
});

describe('sessions that keep much', () => {
  it('go into many chunks of a snapshot', () => {
    const applied = new Applied(1000);
    const value = 'v'.repeat(30_000);
    applied.do(OperationCode.put, 'k', value);
    for (let i = 0; i < 20; i += 1) {
      const session = applied.register();
      applied.run(session, 1, operation(OperationCode.getex, 'k'));
    }
    const sizes = [...applied.state.snapshot()].map((chunk) => chunk.byteLength);
    expect(Math.max(...sizes)).to.be.at.most(chunkBytes);
    expect(sizes.length).to.be.above(8);
  });
});

describe('the sessions of two replicas', () => {
  const step = fc.record({
    session: fc.nat(5),
    what: fc.constantFrom('register', 'command', 'retry', 'tick', 'close'),
    clockMs: fc.constantFrom(0, 10, 400, 1200, -300),
    seen: fc.boolean(),
  });

  it('are equal at an equal index, also if one of them comes from a snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), fc.nat(), async (steps, cut) => {
        const first = new Applied(10);
        let second = new Applied(10);
        const open: { id: number; last: number }[] = [];
        for (const [at, { session, what, clockMs, seen }] of steps.entries()) {
          if (at === cut % steps.length) {
            const restored = new Applied();
            await restored.follow(second, 5);
            second = restored;
          }
          const used = open[session % (open.length || 1)];
          const replies = [first, second].map((applied) => {
            applied.clock = Math.max(0, applied.clock + clockMs);
            if (what === 'register') return applied.register(500 + session * 1000);
            if (!used || what === 'tick') return applied.tick();
            if (what === 'close')
              return applied.run(used.id, 0, { code: OperationCode.closeSession, args: [] });
            const sequence = used.last + (what === 'retry' ? 0 : 1);
            return applied.run(used.id, sequence, append, seen ? used.last : 0);
          });
          if (what === 'register') open.push({ id: Number(replies[0]), last: 0 });
          else if (what === 'command' && used && typeof replies[0] === 'number') used.last += 1;
          expect(codeOf(replies[0] ?? null)).to.deep.equal(codeOf(replies[1] ?? null));
          expect(recordsOf(second.state)).to.deep.equal(recordsOf(first.state));
          expect(second.state.nextDeadline).to.equal(first.state.nextDeadline);
        }
      }),
      { numRuns: 150 },
    );
  });
});
