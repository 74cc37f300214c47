/** Keys that expire, by log time: the same on every replica, also on one that comes from a snapshot. */
import { expect } from 'chai';
import fc from 'fast-check';
import { expiredPerEntryMax } from '../../../kv/limits.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { Applied, text } from './applied.ts';
import { recordsOf } from './snapshotRecords.ts';

const { put, append, del, get, exists, strlen, mget, ttl, pttl, pexpire, persist, getset, setnx } =
  OperationCode;

describe('a key with a deadline', () => {
  let applied: Applied;
  beforeEach(() => {
    applied = new Applied(1000);
    applied.do(put, 'k', 'value', 'PX', '500');
  });

  const at = (clock: number) => {
    applied.clock = clock;
    applied.tick();
  };

  it('is there until log time reaches the deadline, and then for no command', () => {
    at(1499);
    expect([applied.get('k'), applied.ask(exists, 'k'), applied.ask(strlen, 'k')]).to.deep.equal([
      'value',
      1,
      5,
    ]);
    at(1500);
    expect([get, exists, strlen, ttl, pttl].map((code) => applied.ask(code, 'k'))).to.deep.equal([
      null,
      0,
      0,
      -2,
      -2,
    ]);
    expect(applied.ask(mget, 'k', 'k')).to.deep.equal([null, null]);
    expect([...applied.state.keyNames()]).to.deep.equal([]);
  });

  it('is gone for a command whose own stamp reaches the deadline', () => {
    applied.clock = 1500;
    expect(applied.do(append, 'k', '!')).to.equal(1);
    expect(applied.ask(pttl, 'k'), 'a new key has no deadline').to.equal(-1);
  });

  it('is gone for every write, though its memory is not given back yet', () => {
    const many = expiredPerEntryMax + 10;
    const gone = (): Applied => {
      const fresh = new Applied(1000);
      // In the order of their names, so that the last ones are left when an entry has given back its share.
      for (let i = 0; i < many; i += 1) fresh.do(put, `k${String(i).padStart(6, '0')}`, 'v', 'PX', '500');
      fresh.clock = 1500;
      return fresh;
    };
    const last = `k${String(many - 1).padStart(6, '0')}`;
    const replies: [OperationCode, string[], Reply][] = [
      [del, [last], 0],
      [append, [last, 'ab'], 2],
      [getset, [last, 'new'], null],
      [setnx, [last, 'new'], 1],
      [pexpire, [last, '100'], 0],
      [persist, [last], 0],
      [put, [last, 'new', 'XX'], null],
    ];
    for (const [code, args, reply] of replies) {
      const fresh = gone();
      expect(fresh.do(code, ...args), `operation ${code}`).to.deep.equal(reply);
      expect(fresh.state.keys, 'keys whose memory is kept').to.be.within(9, 11);
    }
  });

  it('keeps its deadline when it is appended to, and loses it when it is set', () => {
    applied.do(append, 'k', '!');
    expect(applied.ask(pttl, 'k')).to.equal(500);
    applied.do(put, 'k', 'other');
    expect(applied.ask(pttl, 'k')).to.equal(-1);
    at(9999);
    expect(applied.get('k')).to.equal('other');
  });

  it('has it in every snapshot', async () => {
    const after = new Applied();
    await after.follow(applied, 3);
    expect(after.ask(pttl, 'k')).to.equal(500);
    after.clock = 1500;
    after.tick();
    expect([after.get('k'), after.state.keys]).to.deep.equal([null, 0]);
  });

  it('keeps the deadline of the moment in a snapshot that is written while the key changes', async () => {
    const chunks = applied.state.snapshot();
    const first = chunks.next();
    applied.do(pexpire, 'k', '9000');
    const after = new Applied();
    await after.state.restore(
      (async function* () {
        if (!first.done) yield first.value;
        yield* chunks;
      })(),
    );
    after.clock = 1000;
    expect(after.ask(pttl, 'k')).to.equal(500);
    expect(applied.ask(pttl, 'k')).to.equal(9000);
  });
});

describe('the memory of keys that are gone', () => {
  it('is given back as entries are applied, so many keys with each', () => {
    const applied = new Applied(1000);
    for (let i = 0; i < 600; i += 1) applied.do(put, `k${i}`, 'v', 'PX', '500');
    applied.do(put, 'stays', 'v');
    applied.clock = 1500;
    const kept = [1, 2, 3, 4].map(() => {
      applied.tick();
      return applied.state.keys;
    });
    expect(kept).to.deep.equal([601 - expiredPerEntryMax, 601 - 2 * expiredPerEntryMax, 1, 1]);
    expect(applied.state.deadlines).to.equal(0);
  });

  it('does not grow with deadlines that are set again and again', () => {
    const applied = new Applied(1000);
    applied.do(put, 'k', 'v');
    for (let i = 0; i < 1000; i += 1) applied.do(pexpire, 'k', String(5000 + i));
    expect(applied.state.deadlines).to.equal(1);
    applied.do(persist, 'k');
    expect(applied.state.deadlines).to.equal(0);
  });
});

const key = fc.constantFrom('a', 'b', 'c', 'd');
const ms = fc.integer({ min: -5, max: 60 }).map(String);
const command: fc.Arbitrary<[OperationCode, ...string[]]> = fc.oneof(
  fc.tuple(fc.constant(put), key, fc.string({ maxLength: 3 })),
  fc.tuple(fc.constant(put), key, fc.string({ maxLength: 3 }), fc.constantFrom('PX', 'PXAT'), ms),
  fc.tuple(fc.constant(put), key, fc.string({ maxLength: 3 }), fc.constantFrom('KEEPTTL', 'NX', 'XX', 'GET')),
  fc.tuple(fc.constant(append), key, fc.string({ maxLength: 3 })),
  fc.tuple(fc.constant(del), key),
  fc.tuple(fc.constantFrom(OperationCode.getdel, persist, OperationCode.getex), key),
  fc.tuple(fc.constant(OperationCode.getex), key, fc.constant('PX'), ms),
  fc.tuple(fc.constantFrom(pexpire, OperationCode.pexpireat), key, ms),
  fc.tuple(fc.constant(pexpire), key, ms, fc.constantFrom('NX', 'XX', 'GT', 'LT')),
);
/** A command, or a tick, after the leader's clock went on, stood, or was set back. */
const step = fc.record({
  command: fc.option(command, { freq: 4 }),
  clockMs: fc.constantFrom(0, 1, 5, 20, 60, -30),
});

describe('two replicas', () => {
  it('hold equal state at an equal index, also if one of them comes from a snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, cut) => {
        const first = new Applied(10);
        let second = new Applied(10);
        for (const [at, { command: what, clockMs }] of steps.entries()) {
          if (at === cut % steps.length) {
            const restored = new Applied();
            await restored.follow(second, 7);
            second = restored;
          }
          const replies = [first, second].map((applied) => {
            applied.clock = Math.max(0, applied.clock + clockMs);
            return what ? applied.do(...what) : applied.tick();
          });
          expect(text(replies[0] ?? null)).to.deep.equal(text(replies[1] ?? null));
          expect(recordsOf(second.state)).to.deep.equal(recordsOf(first.state));
          expect(second.state.nextDeadline).to.equal(first.state.nextDeadline);
        }
      }),
      { numRuns: 150 },
    );
  });
});
