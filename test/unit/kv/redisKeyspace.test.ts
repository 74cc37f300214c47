/** The commands of keys as such, against what Redis 7.0 replies; SCAN while keys come and go. */
import { expect } from 'chai';
import fc from 'fast-check';
import { patternBytesMax, scanCountMax } from '../../../kv/limits.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { encodeQuery } from '../../../kv/wire.ts';
import { Applied, operation, text } from './applied.ts';
import { itReplies, shown } from './redisDialogue.ts';
import { replyTo } from './redisDispatch.ts';

const { put, del, scan, keys, randomkey, flush, rename } = OperationCode;

/** The cursor to go on with, and the keys. */
function scanned(applied: Applied, ...args: string[]): [cursor: string, keys: string[]] {
  const [cursor, found] = applied.ask(scan, ...args) as [Reply, Reply[]]; // it is the reply of SCAN
  return [String(text(cursor)), found.map((key) => String(text(key)))];
}

function filled(count: number): Applied {
  const applied = new Applied();
  for (let i = 0; i < count; i += 1) applied.do(put, `k${i}`, 'v');
  return applied;
}

describe('the Redis commands of keys', () => {
  itReplies([
    ['SET a 1 EX 100', '+OK'],
    ['RENAME a b', '+OK'],
    ['TTL b', ':100'],
    ['EXISTS a', ':0'],
    ['RENAME a b', '-ERR no such key'],
    ['RENAME none none', '-ERR no such key'],
    ['RENAME b b', '+OK'],
    ['SET c 2', '+OK'],
    ['RENAMENX b c', ':0'],
    ['RENAMENX b b', ':0'],
    ['RENAMENX b a', ':1'],
    ['RENAMENX none a', '-ERR no such key'],
    ['COPY a c', ':0'],
    ['COPY a c REPLACE', ':1'],
    ['TTL c', ':100'],
    ['GET c', '1'],
    ['COPY a a', '-ERR source and destination objects are the same'],
    ['COPY none a', ':0'],
    ['COPY none none', '-ERR source and destination objects are the same'],
    ['COPY a d DB 0', ':1'],
    ['COPY a d DB 77', '-ERR DB index is out of range'],
    ['COPY a d DB x', '-ERR value is not an integer or out of range'],
    ['COPY a d FAST', '-ERR syntax error'],
    ['COPY a d DB', '-ERR syntax error'],
    ['TYPE a', '+string'],
    ['TYPE none', '+none'],
    ['TOUCH a c none a', ':3'],
    ['UNLINK a none', ':1'],
    ['SCAN 0 COUNT 1000 MATCH c', '*2 0 *1 c'],
    ['SCAN 0 COUNT 1000 MATCH c TYPE string', '*2 0 *1 c'],
    ['SCAN 0 COUNT 1000 MATCH c TYPE hash', '*2 0 *0'],
    ['SCAN 0 COUNT 0', '-ERR syntax error'],
    ['SCAN 0 COUNT x', '-ERR value is not an integer or out of range'],
    ['SCAN 0 COUNT', '-ERR syntax error'],
    ['SCAN 0 SIZE 1', '-ERR syntax error'],
    ['SCAN x', '-ERR invalid cursor'],
    ['SCAN 1.5', '-ERR invalid cursor'],
    ['KEYS c', '*1 c'],
    ['KEYS none', '*0'],
    ['KEYS', "-ERR wrong number of arguments for 'keys' command"],
    ['FLUSHALL ALL', '-ERR syntax error'],
    ['FLUSHALL SYNC ASYNC', '-ERR syntax error'],
    ['FLUSHDB async', '+OK'],
    ['RANDOMKEY', '(nil)'],
    ['SCAN 0', '*2 0 *0'],
    ['KEYS *', '*0'],
  ]);

  it('say so of a pattern that is too long to be tried on every key', () => {
    for (const words of [['KEYS'], ['SCAN', '0', 'MATCH']]) {
      expect(replyTo(new Applied(), ...words, 'x'.repeat(patternBytesMax + 1))).to.contain('over the limit');
    }
  });

  it('wait for log time where any key may be over', () => {
    const applied = new Applied(1000);
    applied.do(put, 'k', 'v', 'PX', '100');
    const ask = (code: OperationCode, ...args: string[]) =>
      applied.state.query(encodeQuery(operation(code, ...args)), 1100);
    const replies = () => [ask(keys, '*'), ask(scan, '0'), ask(randomkey, '0.5')];
    expect(replies()).to.deep.equal([undefined, undefined, undefined]);
    applied.clock = 1100;
    applied.tick();
    expect(replies()).to.deep.equal([[], [Buffer.from('0'), []], null]);
  });

  it('leave nothing behind when all keys are flushed, deadlines included', () => {
    const applied = new Applied(1000);
    applied.do(put, 'k', 'v', 'PX', '100');
    applied.do(put, 'l', 'v');
    applied.do(flush);
    expect(scanned(applied, '0', 'COUNT', '1'), 'nothing to go through').to.deep.equal(['0', []]);
    expect([applied.state.keys, applied.state.deadlines]).to.deep.equal([0, 0]);
    applied.do(put, 'k', 'w');
    applied.clock = 5000;
    applied.tick();
    expect(applied.get('k')).to.equal('w');
  });

  it('keep a snapshot whole whose keys are flushed while it is written', async () => {
    const applied = filled(3);
    const chunks = applied.state.snapshot();
    const first = chunks.next();
    applied.do(flush);
    applied.do(put, 'new', 'v');
    const after = new Applied();
    await after.state.restore(
      (async function* () {
        if (!first.done) yield first.value;
        yield* chunks;
      })(),
    );
    expect(after.ask(keys, '*')).to.have.length(3);
    expect((applied.ask(keys, '*') as Reply[]).map(text)).to.deep.equal(['new']); // the reply of KEYS is a list
  });
});

describe('RANDOMKEY', () => {
  it('may return every key there is, few or many, and none that is gone', () => {
    for (const count of [3, 1500]) {
      const applied = new Applied(1000);
      applied.do(put, 'gone', 'v', 'PX', '1');
      for (let i = 0; i < count; i += 1) applied.do(put, `k${i}`, 'v');
      const all = new Set((applied.ask(keys, 'k*') as Reply[]).map((key) => String(text(key)))); // a list
      const seen = new Set<string>();
      for (let i = 0; i < 20 * count; i += 1) seen.add(shown(replyTo(applied, 'RANDOMKEY')));
      expect(seen.delete('gone'), 'before its time').to.equal(true);
      expect(seen.size).to.be.above(0.9 * count);
      applied.clock = 2000;
      applied.tick();
      for (let i = 0; i < 5 * count; i += 1) expect(all).to.include(shown(replyTo(applied, 'RANDOMKEY')));
    }
  });
});

describe('SCAN', () => {
  it('tells every key once where none comes or goes, some with each call', () => {
    const applied = filled(500);
    const found: string[] = [];
    let calls = 0;
    for (let cursor = '0'; calls === 0 || cursor !== '0'; calls += 1) {
      const [next, some] = scanned(applied, cursor);
      expect(some.length, 'ten, and what shares a bucket with the last').to.be.within(1, 14);
      found.push(...some);
      cursor = next;
    }
    expect(found.sort()).to.deep.equal(Array.from({ length: 500 }, (_, i) => `k${i}`).sort());
    expect(calls).to.be.within(40, 51);
  });

  it('takes no longer for a large COUNT than for the largest', () => {
    const applied = filled(scanCountMax + 100);
    const [cursor, found] = scanned(applied, '0', 'COUNT', '9223372036854775807');
    expect(found.length).to.be.within(scanCountMax, scanCountMax + 20);
    expect(cursor).not.to.equal('0');
  });

  it('goes on at another node, one that has its keys from a snapshot, where it was', async () => {
    const applied = filled(300);
    for (let i = 0; i < 100; i += 1) applied.do(rename, `k${i}`, `r${i}`);
    const other = new Applied();
    await other.follow(applied);
    for (let cursor = '0', calls = 0; calls === 0 || cursor !== '0'; calls += 1) {
      const [here, there] = [scanned(applied, cursor), scanned(other, cursor)];
      expect(there).to.deep.equal(here);
      cursor = here[0];
    }
  });

  it('tells every key that is there all the time, whatever comes and goes meanwhile', () => {
    const name = fc.nat(300).map((n) => `k${n}`);
    const change = fc.tuple(fc.constantFrom(put, del, rename), name, name);
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 60 }),
        fc.array(change),
        (names, changes) => {
          const applied = new Applied();
          for (const key of names) applied.do(put, key, 'v');
          const left = [...changes];
          const stayed = new Set(names);
          const found = new Set<string>();
          for (let cursor = '0', calls = 0; calls === 0 || cursor !== '0'; calls += 1) {
            const [next, some] = scanned(applied, cursor, 'COUNT', '5');
            for (const key of some) found.add(key);
            cursor = next;
            for (const [code, key, other] of left.splice(0, 7)) {
              if (code === put) applied.do(put, key, other);
              else if (code === del) applied.do(del, key);
              else applied.do(rename, key, other);
              if (code !== put) stayed.delete(key);
            }
          }
          for (const key of stayed) expect(found).to.include(key);
        },
      ),
    );
  });
});
