/** Transactions as the state machine carries them out: all of one or nothing, once, on every replica alike. */
import { expect } from 'chai';
import fc from 'fast-check';
import { conditions, kvCluster } from 'xstate-raft/testing';
import { expiredPerEntryMax, transactionReplyBytesMax } from '../../../kv/limits.ts';
import { KvError, type Operation, OperationCode, type Reply } from '../../../kv/operation.ts';
import { transactionOf } from '../../../kv/transaction.ts';
import { encodeQuery } from '../../../kv/wire.ts';
import { Applied, operation, text } from './applied.ts';
import { KvClient } from './kvClient.ts';
import { recordsOf } from './snapshotRecords.ts';

const { put, get, incr, incrby, append, del, keys, mset, rename, setrange, versions, pexpire, exists } =
  OperationCode;

/** The transaction that a client sends which watched keys when they had these versions. */
function transaction(watched: Record<string, number>, ...commands: readonly Operation[]): Operation {
  return transactionOf(Object.entries(watched), commands.map(encodeQuery));
}

function versionOf(applied: Applied, key: string): number {
  const [version] = applied.ask(versions, key) as number[]; // it is the reply to this query
  return version ?? 0;
}

describe('a transaction', () => {
  let applied: Applied;
  beforeEach(() => {
    applied = new Applied(1000);
    applied.do(put, 'k', '1');
  });

  it('sees its own writes, and is one entry', () => {
    const before = applied.index;
    const all = [
      operation(incr, 'k'),
      operation(get, 'k'),
      operation(append, 'k', 'x'),
      operation(incr, 'k'),
    ];
    const replies = applied.carryOut(transaction({}, ...all)) as Reply[]; // a list
    expect(replies.map((reply) => (reply instanceof KvError ? reply.message : text(reply)))).to.deep.equal([
      ...[2, '2', 2],
      'value is not an integer or out of range',
    ]);
    expect([applied.get('k'), applied.index]).to.deep.equal(['2x', before + 1]);
  });

  it('takes effect once, and has the reply of that time, if it is sent again because its reply was lost', () => {
    const session = applied.register();
    const what = transaction({ k: versionOf(applied, 'k') }, operation(incr, 'k'));
    expect(applied.run(session, 1, what)).to.deep.equal([2]);
    expect(applied.run(session, 1, what), 'although k has changed by now').to.deep.equal([2]);
    expect(applied.get('k')).to.equal('2');
  });

  it('leaves nothing behind if a part of it cannot be read', () => {
    const { code, args } = transaction({}, operation(incr, 'k'));
    const reply = applied.carryOut({ code, args: [...args, Uint8Array.of(9, 9)] });
    expect(reply).to.be.instanceOf(KvError);
    expect(applied.get('k')).to.equal('1');
  });

  it('holds no other one', () => {
    const inner = transaction({}, operation(incr, 'k'));
    const [reply] = applied.carryOut(transaction({}, inner)) as Reply[]; // a list
    expect(reply).to.be.instanceOf(KvError);
    expect(applied.get('k')).to.equal('1');
  });

  it('tells as much as one reply may, and says so in place of the rest', () => {
    const long = 'x'.repeat(1024 * 1024);
    applied.do(put, 'long', long);
    const count = transactionReplyBytesMax / long.length + 1;
    const gets = Array.from({ length: count }, () => operation(get, 'long'));
    const replies = applied.carryOut(transaction({}, ...gets, operation(incr, 'k'))) as Reply[]; // a list
    expect(replies.filter((reply) => reply instanceof KvError).length).to.be.within(1, 2);
    expect([replies.at(-1), applied.get('k')]).to.deep.equal([2, '2']);
  });

  const changes: [name: string, change: () => void][] = [
    ['is set to what it was', () => applied.do(put, 'k', '1')],
    ['gets a deadline', () => applied.do(pexpire, 'k', '100')],
    ['is deleted', () => applied.do(del, 'k')],
    ['is deleted and made anew', () => [applied.do(del, 'k'), applied.do(put, 'k', '1')]],
    ['has another name', () => applied.do(rename, 'k', 'l')],
    ['is flushed', () => applied.do(OperationCode.flush)],
    ['is changed by a transaction', () => applied.carryOut(transaction({}, operation(incr, 'k')))],
  ];
  for (const [name, change] of changes) {
    it(`does nothing if a key that its client watches ${name} meanwhile`, () => {
      const version = versionOf(applied, 'k');
      change();
      expect(applied.carryOut(transaction({ k: version }, operation(put, 'done', 'x')))).to.equal(null);
      expect(applied.get('done')).to.equal(null);
    });
  }

  it('does nothing if only the last of several keys has changed', () => {
    applied.do(put, 'l', '1');
    const watched = { k: versionOf(applied, 'k'), l: versionOf(applied, 'l') };
    applied.do(append, 'l', 'x');
    expect(applied.carryOut(transaction(watched, operation(incr, 'k')))).to.equal(null);
  });

  it('does nothing if a key that its client watches has expired meanwhile', () => {
    applied.do(pexpire, 'k', '100');
    const version = versionOf(applied, 'k');
    applied.clock = 1099;
    expect(applied.carryOut(transaction({ k: version }, operation(exists, 'k')))).to.deep.equal([1]);
    applied.clock = 1100;
    expect(applied.carryOut(transaction({ k: version }, operation(put, 'done', 'x')))).to.equal(null);
  });

  it('does nothing either if the memory of that key is not given back yet', () => {
    const last = expiredPerEntryMax + 10;
    // In the order of their names, so that the last one is left when an entry has given back its share.
    const nameOf = (i: number) => `k${String(i).padStart(6, '0')}`;
    for (let i = 0; i <= last; i += 1) applied.do(put, nameOf(i), 'v', 'PX', '500');
    const watched = { [nameOf(last)]: versionOf(applied, nameOf(last)) };
    applied.clock = 1500;
    expect(applied.carryOut(transaction(watched, operation(put, 'done', 'x')))).to.equal(null);
  });

  it('takes effect where other keys have changed, and watched ones were only tried to', () => {
    const watched = { k: versionOf(applied, 'k'), none: versionOf(applied, 'none') };
    applied.do(put, 'other', 'x');
    applied.do(OperationCode.setnx, 'k', '2');
    applied.do(del, 'none');
    expect(applied.carryOut(transaction(watched, operation(incr, 'k')))).to.deep.equal([2]);
  });

  it('knows what has changed from a snapshot, too', async () => {
    const before = versionOf(applied, 'k');
    applied.do(put, 'l', '1');
    const after = new Applied();
    await after.follow(applied);
    expect(versionOf(after, 'k')).to.equal(before);
    expect(after.carryOut(transaction({ k: before }, operation(incr, 'k')))).to.deep.equal([2]);
    expect(after.carryOut(transaction({ k: before }, operation(incr, 'k')))).to.equal(null);
  });
});

describe('counting on a cluster that loses messages', () => {
  it('counts every command once, alone or in a transaction', async () => {
    const bench = kvCluster(3, { conditions: { ...conditions.unreliable, duplication: 0.1 }, seed: 7 });
    const client = new KvClient(bench);
    try {
      for (let i = 1; i <= 30; i += 1) {
        expect(await client.do(incr, 'n')).to.equal(2 * i - 1);
        const [reply] = await client.pipeline([transaction({}, operation(incr, 'n'))]);
        expect(reply).to.deep.equal([2 * i]);
      }
    } finally {
      client.close();
      bench.stop();
    }
  });
});

/** What keys hold, as the commands of the property below should leave it. */
class Model {
  readonly values = new Map<string, string>();

  do([code, key, other]: readonly [OperationCode, string, string]): Reply | string {
    const old = this.values.get(key);
    switch (code) {
      case get:
        return old ?? null;
      case del:
        return this.values.delete(key) ? 1 : 0;
      case append:
        this.values.set(key, (old ?? '') + other);
        return (old ?? '').length + other.length;
      case incrby: {
        const sum = Number(old ?? '0') + other.length;
        if (!/^(0|[1-9]\d*)$/.test(old ?? '0')) return 'ERR';
        this.values.set(key, String(sum));
        return sum;
      }
      case rename:
        if (old === undefined) return 'ERR';
        this.values.delete(key);
        this.values.set(other, old);
        return 'OK';
      case mset:
        this.values.set(key, 'm');
        this.values.set(other, 'n');
        return 'OK';
      default: {
        const length = Math.max((old ?? '').length, 2);
        this.values.set(key, `${(old ?? '').padEnd(1, '\0')[0]}z${(old ?? '').slice(2)}`);
        return length;
      }
    }
  }
}

type Told = readonly [code: OperationCode, key: string, other: string];

function operationOf([code, key, other]: Told): Operation {
  if (code === incrby) return operation(code, key, String(other.length));
  if (code === mset) return operation(code, key, 'm', other, 'n');
  if (code === setrange) return operation(code, key, '1', 'z');
  return code === get || code === del ? operation(code, key) : operation(code, key, other);
}

function plain(reply: Reply): Reply | string {
  if (reply instanceof KvError) return 'ERR';
  return reply !== null && typeof reply === 'object' && 'text' in reply ? 'OK' : text(reply);
}

const name = fc.constantFrom('a', 'b', 'c', '7');
const told: fc.Arbitrary<Told> = fc.tuple(
  fc.constantFrom(get, del, append, incrby, rename, mset, setrange),
  name,
  name,
);
const step = fc.oneof(told, fc.record({ all: fc.array(told, { maxLength: 5 }), watched: fc.option(name) }));

describe('commands and transactions', () => {
  it('do what a map would, on a replica that comes from a snapshot, too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(), async (steps, cut) => {
        const model = new Model();
        const first = new Applied();
        let second = new Applied();
        for (const [at, what] of steps.entries()) {
          if (at === cut % steps.length) {
            const restored = new Applied();
            await restored.follow(second, 7);
            second = restored;
          }
          const replicas = [first, second];
          if (!('all' in what)) {
            const asked = operationOf(what);
            const expected = model.do(what);
            for (const one of replicas) {
              const reply = asked.code === get ? one.answer(asked) : one.carryOut(asked);
              expect(plain(reply)).to.equal(expected);
            }
          } else {
            const { watched } = what;
            // Every second one comes too late.
            const isLate = at % 2 === 1 && watched !== null;
            const known = watched === null ? {} : { [watched]: versionOf(first, watched) };
            if (isLate) {
              model.do([append, watched, 'x']);
              for (const one of replicas) one.do(append, watched, 'x');
            }
            const expected = isLate ? null : what.all.map((one) => model.do(one));
            for (const one of replicas) {
              const reply = one.carryOut(transaction(known, ...what.all.map(operationOf)));
              expect(Array.isArray(reply) ? reply.map(plain) : reply).to.deep.equal(expected);
            }
          }
          expect(recordsOf(second.state)).to.deep.equal(recordsOf(first.state));
        }
        const names = (first.ask(keys, '*') as Reply[]).map((key) => String(text(key))); // a list
        expect(names.sort()).to.deep.equal([...model.values.keys()].sort());
        for (const [key, value] of model.values) expect(first.get(key)).to.equal(value);
      }),
      { numRuns: 200 },
    );
  });
});
