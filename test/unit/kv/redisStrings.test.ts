/** Numbers, parts of values and several keys at once, against what Redis 7.0 replies. */
import { expect } from 'chai';
import { valueBytesMax } from '../../../kv/limits.ts';
import { OperationCode, type Reply } from '../../../kv/operation.ts';
import { readReply, replyBytes, writeReply } from '../../../kv/replyFormat.ts';
import { Applied, operation, text } from './applied.ts';
import { itReplies } from './redisDialogue.ts';
import { replyTo } from './redisDispatch.ts';

const { incr, incrby, setrange, put } = OperationCode;

describe('the Redis commands of numbers and parts of values', () => {
  itReplies([
    ['INCR n', ':1'],
    ['INCRBY n 41', ':42'],
    ['DECR n', ':41'],
    ['DECRBY n 50', ':-9'],
    ['GET n', '-9'],
    ['INCRBY n 9223372036854775807', ':9223372036854775798'],
    ['INCRBY n 9', ':9223372036854775807'],
    ['INCR n', '-ERR increment or decrement would overflow'],
    ['GET n', '9223372036854775807'],
    ['DECRBY n -9223372036854775808', '-ERR decrement would overflow'],
    ['INCRBY n 01', '-ERR value is not an integer or out of range'],
    ['INCRBY n 1.5', '-ERR value is not an integer or out of range'],
    ['SET n -9223372036854775808', '+OK'],
    ['DECR n', '-ERR increment or decrement would overflow'],
    ['INCR n', ':-9223372036854775807'],
    ['SET n 5 EX 100', '+OK'],
    ['INCR n', ':6'],
    ['TTL n', ':100'],
    ['SET t text', '+OK'],
    ['INCR t', '-ERR value is not an integer or out of range'],
    ['INCRBY n', "-ERR wrong number of arguments for 'incrby' command"],
    ['INCRBYFLOAT f 10.50', '10.5'],
    ['INCRBYFLOAT f 0.1', '10.6'],
    ['INCRBYFLOAT f -5', '5.6'],
    ['SET f 5.0e3', '+OK'],
    ['INCRBYFLOAT f 2.0e2', '5200'],
    ['INCRBYFLOAT d 0.1', '0.1'],
    ['INCRBYFLOAT d 0.2', '0.3'],
    ['SET d 1000.1', '+OK'],
    ['INCRBYFLOAT d 1', '1001.09999999999999998'],
    ['INCRBYFLOAT d 1e20', '100000000000000001000'],
    ['INCRBYFLOAT d -1e20', '1000'],
    ['INCRBYFLOAT tiny 0.000000000000000004', '0'],
    ['INCRBYFLOAT tiny -0.00000000000000000001', '0'],
    ['INCRBYFLOAT f inf', '-ERR increment would produce NaN or Infinity'],
    ['INCRBYFLOAT f nan', '-ERR value is not a valid float'],
    ['INCRBYFLOAT f 1e5000', '-ERR value is not a valid float'],
    ['SET huge 1e4932', '+OK'],
    ['INCRBYFLOAT t 1', '-ERR value is not a valid float'],
    ['INCRBYFLOAT f ""', '-ERR value is not a valid float'],
    ['INCRBYFLOAT n 0.5', '6.5'],
    ['TTL n', ':100'],
    ['MSET a 1 b 2 a 3', '+OK'],
    ['MGET a b', '*2 3 2'],
    ['MSET a 1 b', "-ERR wrong number of arguments for 'mset' command"],
    ['MSETNX c 1 a 2', ':0'],
    ['EXISTS c', ':0'],
    ['MSETNX c 1 d2 2', ':1'],
    ['SET a 1 EX 100', '+OK'],
    ['MSET a 2', '+OK'],
    ['TTL a', ':-1'],
    ['SET s Hello EX 100', '+OK'],
    ['SETRANGE s 1 ipp', ':5'],
    ['GET s', 'Hippo'],
    ['TTL s', ':100'],
    ['SETRANGE s 4 y!', ':6'],
    ['GET s', 'Hippy!'],
    ['SETRANGE s -1 x', '-ERR offset is out of range'],
    ['SETRANGE s x x', '-ERR value is not an integer or out of range'],
    ['SETRANGE s 1 ""', ':6'],
    ['SETRANGE none 5 ""', ':0'],
    ['EXISTS none', ':0'],
    ['SETRANGE s 536870912 x', '-ERR string exceeds maximum allowed size (proto-max-bulk-len)'],
    ['SETRANGE pad 2 x', ':3'],
    ['STRLEN pad', ':3'],
    ['GETRANGE s 0 2', 'Hip'],
    ['GETRANGE s -2 -1', 'y!'],
    ['GETRANGE s 2 1', ''],
    ['GETRANGE s -1 -3', ''],
    ['GETRANGE s -100 100', 'Hippy!'],
    ['GETRANGE s 3 x', '-ERR value is not an integer or out of range'],
    ['GETRANGE none 0 -1', ''],
    ['SUBSTR s 0 0', 'H'],
  ]);

  it('refuse what would make a value longer than a client may send', () => {
    const applied = new Applied();
    const tooLong = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';
    expect(replyTo(applied, 'SETRANGE', 'k', String(valueBytesMax), 'x')).to.equal(tooLong);
    expect(replyTo(applied, 'SETRANGE', 'k', String(valueBytesMax - 1), 'x')).to.equal(
      `:${valueBytesMax}\r\n`,
    );
    expect(replyTo(applied, 'APPEND', 'k', 'x')).to.equal(tooLong);
    expect(replyTo(applied, 'STRLEN', 'k'), 'after what was refused').to.equal(`:${valueBytesMax}\r\n`);
  });

  it('leave a value alone that a snapshot or a reply still shows', () => {
    const applied = new Applied();
    applied.do(put, 'k', 'abc');
    const before = applied.ask(OperationCode.get, 'k');
    applied.do(setrange, 'k', '1', 'x');
    expect([text(before), applied.get('k')]).to.deep.equal(['abc', 'axc']);
  });
});

describe('a counter', () => {
  it('counts a command once that is sent again because its reply was lost', () => {
    const applied = new Applied();
    const session = applied.register();
    const first = applied.run(session, 1, operation(incr, 'n'));
    const again = applied.run(session, 1, operation(incr, 'n'));
    expect([first, again, applied.get('n')]).to.deep.equal([1, 1, '1']);
  });

  it('tells all its 64 bits, also when they are asked for again after a snapshot', async () => {
    const applied = new Applied();
    const session = applied.register();
    const command = operation(incrby, 'n', '9223372036854775807');
    const first = applied.run(session, 1, command);
    const after = new Applied();
    await after.follow(applied);
    const replies: Reply[] = [first, after.run(session, 1, command)];
    expect(replies).to.deep.equal([9223372036854775807n, 9223372036854775807n]);
  });

  it('is told over the wire as it is', () => {
    for (const reply of [2 ** 53 - 1, 2n ** 63n - 1n, -(2n ** 63n)]) {
      const bytes = Buffer.alloc(replyBytes(reply));
      expect(writeReply(bytes, 0, reply)).to.equal(bytes.byteLength);
      expect(readReply(bytes, { offset: 0 })).to.equal(reply);
    }
  });
});
