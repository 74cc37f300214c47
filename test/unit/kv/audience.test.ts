/** What those hear who listen to a state machine: each change by the name, and in the order, that Redis 7.0 has for it. */
import { expect } from 'chai';
import { OperationCode } from '../../../kv/operation.ts';
import { Applied } from './applied.ts';
import { wordsOf } from './redisDialogue.ts';
import { replyTo } from './redisDispatch.ts';

/** Notes what it hears, as `event key`. */
function listenTo({ state }: Applied): string[] {
  const heard: string[] = [];
  state.listen({
    keyChanged: (event, key) => heard.push(`${event} ${key}`),
    published: (channel, message) => heard.push(`published ${Buffer.from(channel)} ${Buffer.from(message)}`),
  });
  return heard;
}

/** All said to one state, one after another. */
const story: readonly (readonly [command: string, ...heard: string[]])[] = [
  ['SET a 1', 'new a', 'set a'],
  ['SET a 2', 'set a'],
  ['SET b 1 EX 100', 'new b', 'set b', 'expire b'],
  ['SET b 2 KEEPTTL', 'set b'],
  ['SET b 2 NX'],
  ['SET b 3 XX GET', 'set b'],
  ['SET p 1 EXAT 1', 'new p', 'set p', 'expire p', 'expired p'],
  ['SET a 1 PXAT 1', 'set a', 'expire a', 'expired a'],
  ['SET a 1', 'new a', 'set a'],
  ['SETNX a 1'],
  ['SETNX n1 1', 'new n1', 'set n1'],
  ['SETEX a 100 1', 'set a', 'expire a'],
  ['PSETEX a 100000 1', 'set a', 'expire a'],
  ['GETSET a 2', 'set a'],
  ['GETSET n2 2', 'new n2', 'set n2'],
  ['GETDEL n2', 'del n2'],
  ['GETDEL n2'],
  ['GETEX a'],
  ['GETEX a EX 100', 'expire a'],
  ['GETEX a PERSIST', 'persist a'],
  ['GETEX a PERSIST'],
  ['GETEX a EXAT 1', 'del a'],
  ['APPEND a x', 'new a', 'append a'],
  ['APPEND a ""', 'append a'],
  ['INCR i', 'new i', 'incrby i'],
  ['DECR i', 'incrby i'],
  ['INCRBY i 5', 'incrby i'],
  ['DECRBY i 5', 'incrby i'],
  ['INCR a'],
  ['INCRBYFLOAT i 1.5', 'incrbyfloat i'],
  ['SETRANGE r 2 xx', 'new r', 'setrange r'],
  ['SETRANGE r 1 ""'],
  ['MSET m1 1 m2 2 m1 3', 'new m1', 'set m1', 'new m2', 'set m2', 'set m1'],
  ['MSETNX m3 1 m4 1', 'new m3', 'set m3', 'new m4', 'set m4'],
  ['MSETNX m3 1 m5 1'],
  ['EXPIRE m1 100', 'expire m1'],
  ['EXPIRE m1 100 NX'],
  ['PEXPIRE m1 100000', 'expire m1'],
  ['EXPIREAT m1 1', 'del m1'],
  ['PEXPIREAT m2 1', 'del m2'],
  ['EXPIRE nokey 1'],
  ['EXPIRE m3 100', 'expire m3'],
  ['PERSIST m3', 'persist m3'],
  ['PERSIST m3'],
  ['RENAME m3 m4', 'new m4', 'rename_from m3', 'rename_to m4'],
  ['RENAME m4 m4'],
  ['RENAME m4 q', 'new q', 'rename_from m4', 'rename_to q'],
  ['RENAME nokey q'],
  ['RENAMENX q i'],
  ['RENAMENX q q2', 'new q2', 'rename_from q', 'rename_to q2'],
  ['COPY q2 q3', 'new q3', 'copy_to q3'],
  ['COPY q2 q3'],
  ['COPY q2 q3 REPLACE', 'new q3', 'copy_to q3'],
  ['DEL q2 q3 nokey q3', 'del q2', 'del q3'],
  ['UNLINK i r', 'del i', 'del r'],
  ['GET b'],
  ['PUBLISH news hello', 'published news hello'],
  ['FLUSHALL'],
];

describe('an audience', () => {
  const ofStory = new Applied(1_700_000_000_000);
  const heardOfStory = listenTo(ofStory);
  for (const [command, ...heard] of story) {
    it(`hears ${heard.join(', ') || 'nothing'} at ${command}`, () => {
      heardOfStory.length = 0;
      replyTo(ofStory, ...wordsOf(command));
      expect(heardOfStory).to.deep.equal(heard);
    });
  }

  const { put, del, rename } = OperationCode;
  let applied: Applied;

  beforeEach(() => {
    applied = new Applied(1000);
  });

  it('hears of each key whose time is over once, in the order of their deadlines', () => {
    applied.do(put, 'late', 'v', 'PX', '20');
    applied.do(put, 'early', 'v', 'PX', '10');
    const heard = listenTo(applied);
    applied.clock += 100;
    applied.tick();
    applied.tick();
    expect(heard).to.deep.equal(['expired early', 'expired late']);
  });

  /** More keys than one entry gives back the memory of, all of one deadline, so that the last of them are left over. */
  const leaveOver = (): string[] => {
    for (let n = 100; n < 900; n += 1) applied.do(put, `k${n}`, 'v', 'PX', '10');
    const heard = listenTo(applied);
    applied.clock += 100;
    return heard;
  };

  it('hears that a key has expired before it hears that it is new', () => {
    const heard = leaveOver();
    applied.do(put, 'k898', 'w');
    expect(heard.slice(-3)).to.deep.equal(['expired k898', 'new k898', 'set k898']);
    applied.do(rename, 'k898', 'k897');
    expect(heard.slice(-4)).to.deep.equal(['expired k897', 'new k897', 'rename_from k898', 'rename_to k897']);
  });

  it('hears that a key has expired in place of being deleted', () => {
    const heard = leaveOver();
    applied.do(del, 'k898');
    expect(heard.at(-1)).to.equal('expired k898');
    expect(heard.filter((one) => one.endsWith(' k898'))).to.have.length(1);
  });

  it('hears nothing of a command that is repeated', () => {
    const session = applied.register();
    const heard = listenTo(applied);
    for (let n = 0; n < 2; n += 1) {
      applied.run(session, 1, { code: put, args: [Buffer.from('k'), Buffer.from('v')] });
    }
    expect(heard).to.deep.equal(['new k', 'set k']);
  });

  it('hears nothing of what a snapshot brings, and all that comes behind it', async () => {
    applied.do(put, 'old', 'v');
    const other = new Applied(1000);
    const heard = listenTo(other);
    await other.follow(applied);
    expect(heard).to.deep.equal([]);
    other.do(put, 'old', 'w');
    expect(heard).to.deep.equal(['set old']);
  });

  it('hears nothing of the entries that a log held when its node began, and all behind them', () => {
    const heard = listenTo(applied);
    // The session's registration is entry 1.
    applied.state.keepQuietThrough({ index: 3, term: 1 });
    for (const key of ['a', 'b', 'c']) applied.do(put, key, 'v');
    expect(heard).to.deep.equal(['new c', 'set c']);
  });

  it('hears of an entry that took the place of one the log held', () => {
    const heard = listenTo(applied);
    applied.state.keepQuietThrough({ index: 9, term: 0 });
    applied.do(put, 'a', 'v');
    expect(heard).to.deep.equal(['new a', 'set a']);
  });

  it('changes nothing of what is applied', () => {
    const alone = new Applied(1000);
    listenTo(applied);
    for (const each of [alone, applied]) {
      for (const [command] of story) replyTo(each, ...wordsOf(command));
      each.do(put, 'last', 'v');
    }
    expect(Buffer.concat([...applied.state.snapshot()])).to.deep.equal(
      Buffer.concat([...alone.state.snapshot()]),
    );
  });
});
