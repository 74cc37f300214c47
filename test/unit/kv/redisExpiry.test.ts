/** The commands that need time, against what Redis 7.0 replies to them, one after another. */
import { expect } from 'chai';
import { Applied } from './applied.ts';
import { replyTo } from './redisDispatch.ts';

/** As redis-cli shows a reply: a bulk string without its length. */
function shown(reply: string): string {
  return reply
    .replace(/\r\n$/, '')
    .replace(/^\$\d+\r\n/, '')
    .replace(/^\$-1$/, '(nil)');
}

describe('the Redis commands that need time', () => {
  const dialogue: [command: string, reply: string][] = [
    ['SET k v NX XX', '-ERR syntax error'],
    ['SET k v EX', '-ERR syntax error'],
    ['SET k v EX 10 PX 10', '-ERR syntax error'],
    ['SET k v EX 10 KEEPTTL', '-ERR syntax error'],
    ['SET k v KEEPTTL EX 10', '-ERR syntax error'],
    ['SET k v PERSIST', '-ERR syntax error'],
    ['SET k v EX 0', "-ERR invalid expire time in 'set' command"],
    ['SET k v PX -1', "-ERR invalid expire time in 'set' command"],
    ['SET k v EX 1.5', '-ERR value is not an integer or out of range'],
    ['SET k v EX 05', '-ERR value is not an integer or out of range'],
    ['SET k v EX 9223372036854775807', "-ERR invalid expire time in 'set' command"],
    ['SET k v EX 100', '+OK'],
    ['TTL k', ':100'],
    ['SET k w KEEPTTL GET', 'v'],
    ['TTL k', ':100'],
    ['SET k w', '+OK'],
    ['TTL k', ':-1'],
    ['SET k x NX', '(nil)'],
    ['SET k x NX GET', 'w'],
    ['SET new x XX', '(nil)'],
    ['SET new x XX GET', '(nil)'],
    ['EXISTS new', ':0'],
    ['SET k y PXAT 1', '+OK'],
    ['GET k', '(nil)'],
    ['TTL k', ':-2'],
    ['SETNX k 1', ':1'],
    ['SETNX k 2', ':0'],
    ['SETEX k 0 v', "-ERR invalid expire time in 'setex' command"],
    ['SETEX k abc v', '-ERR value is not an integer or out of range'],
    ['PSETEX k -5 v', "-ERR invalid expire time in 'psetex' command"],
    ['SETEX k 100 v', '+OK'],
    ['TTL k', ':100'],
    ['GETSET k w', 'v'],
    ['TTL k', ':-1'],
    ['GETDEL k', 'w'],
    ['GETDEL k', '(nil)'],
    ['GETSET k v', '(nil)'],
    ['GETEX k', 'v'],
    ['GETEX k EX 100', 'v'],
    ['TTL k', ':100'],
    ['GETEX k PERSIST', 'v'],
    ['TTL k', ':-1'],
    ['GETEX k NX', '-ERR syntax error'],
    ['GETEX k EX 1 PERSIST', '-ERR syntax error'],
    ['GETEX k EX abc', '-ERR value is not an integer or out of range'],
    ['GETEX k EX 0', "-ERR invalid expire time in 'getex' command"],
    ['GETEX none EX abc', '(nil)'],
    ['GETEX k EXAT 1', 'v'],
    ['EXISTS k', ':0'],
    ['SET k v', '+OK'],
    ['EXPIRE none 10', ':0'],
    ['EXPIRE k abc', '-ERR value is not an integer or out of range'],
    ['EXPIRE k 10 FOO', '-ERR Unsupported option FOO'],
    ['EXPIRE k 10 NX XX', '-ERR NX and XX, GT or LT options at the same time are not compatible'],
    ['EXPIRE k 10 GT LT', '-ERR GT and LT options at the same time are not compatible'],
    ['EXPIRE k 9223372036854775807', "-ERR invalid expire time in 'expire' command"],
    ['PEXPIRE k 9223372036854775807', "-ERR invalid expire time in 'pexpire' command"],
    ['EXPIRE k 10 XX', ':0'],
    ['EXPIRE k 10 GT', ':0'],
    ['EXPIRE k 100 LT', ':1'],
    ['EXPIRE k 50 GT', ':0'],
    ['EXPIRE k 200 GT', ':1'],
    ['TTL k', ':200'],
    ['EXPIRE k 300 NX', ':0'],
    ['PERSIST k', ':1'],
    ['PERSIST k', ':0'],
    ['EXPIRE k 300 NX XX', '-ERR NX and XX, GT or LT options at the same time are not compatible'],
    ['EXPIRE k 300 nx', ':1'],
    ['EXPIREAT k 4102444800', ':1'],
    ['EXPIRETIME k', ':4102444800'],
    ['PEXPIRETIME k', ':4102444800000'],
    ['PEXPIREAT k 4102444800123', ':1'],
    ['PEXPIRETIME k', ':4102444800123'],
    ['EXPIRETIME k', ':4102444800'],
    ['EXPIRE k -1', ':1'],
    ['EXISTS k', ':0'],
    ['PTTL k', ':-2'],
    ['EXPIRETIME k', ':-2'],
    ['SET k v', '+OK'],
    ['PTTL k', ':-1'],
    ['PEXPIRETIME k', ':-1'],
    ['EXPIREAT k 0', ':1'],
    ['GET k', '(nil)'],
    ['APPEND k a', ':1'],
    ['TTL k a', "-ERR wrong number of arguments for 'ttl' command"],
    ['EXPIRE k', "-ERR wrong number of arguments for 'expire' command"],
  ];

  it('reply as Redis does, to the letter', () => {
    const applied = new Applied(1_700_000_000_000);
    const heard = dialogue.map(([command]) => [command, shown(replyTo(applied, ...command.split(' ')))]);
    expect(heard).to.deep.equal(dialogue);
  });

  it('round to the nearest second, as Redis does', () => {
    const applied = new Applied(1_700_000_000_000);
    const told = ['1499', '1500', '499', '500'].map((ms) => {
      replyTo(applied, 'SET', 'k', 'v', 'PX', ms);
      return replyTo(applied, 'TTL', 'k');
    });
    expect(told).to.deep.equal([':1\r\n', ':2\r\n', ':0\r\n', ':1\r\n']);
  });

  it('refuse a deadline that no double holds, where Redis goes on to 2^63', () => {
    const applied = new Applied(1_700_000_000_000);
    replyTo(applied, 'SET', 'k', 'v');
    expect(replyTo(applied, 'PEXPIREAT', 'k', '9007199254740991')).to.equal(':1\r\n');
    expect(replyTo(applied, 'PEXPIRETIME', 'k')).to.equal(':9007199254740991\r\n');
    for (const far of [
      ['PEXPIREAT', 'k', '9007199254740992'],
      ['PEXPIRE', 'k', '9007199254740991'],
      ['EXPIREAT', 'k', '9223372036854775'],
    ]) {
      expect(replyTo(applied, ...far)).to.match(/^-ERR invalid expire time in /);
    }
  });

  it('are refused before they reach the log where no state could make them right', () => {
    const applied = new Applied();
    const before = applied.index;
    for (const wrong of [
      'SET k v EX',
      'SET k v PX 0',
      'SETEX k x v',
      'GETEX k NX',
      'EXPIRE k x',
      'EXPIRE k 1 FLY',
    ]) {
      expect(replyTo(applied, ...wrong.split(' '))).to.match(/^-ERR /);
    }
    expect(applied.index).to.equal(before);
  });

  it('carry binary values through every way of setting and getting them', () => {
    const applied = new Applied(1000);
    const all = String.fromCharCode(...Array.from({ length: 128 }, (_, byte) => byte));
    for (const set of [
      ['SET', 'k', all, 'EX', '9'],
      ['SETEX', 'k', '9', all],
      ['GETSET', 'k', all],
      ['SETNX', 'k', all],
    ]) {
      replyTo(applied, ...set);
      for (const get of [
        ['GET', 'k'],
        ['GETEX', 'k'],
        ['GETDEL', 'k'],
      ]) {
        expect(replyTo(applied, ...get), `${set[0]} ${get[0]}`).to.equal(`$128\r\n${all}\r\n`);
      }
    }
  });
});
