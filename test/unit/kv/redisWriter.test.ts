import { expect } from 'chai';
import { KvError, ok, Status } from '../../../kv/operation.ts';
import {
  type ProtocolVersion,
  RepliesTooLong,
  ReplyMap,
  ReplyWriter,
  type WireReply,
} from '../../../kv/redis/writer.ts';

function encode(protocol: ProtocolVersion, ...replies: WireReply[]): string {
  const writer = new ReplyWriter(1_000_000);
  writer.protocol = protocol;
  for (const reply of replies) writer.write(reply);
  const { length } = writer;
  const bytes = writer.take();
  expect(bytes.byteLength).to.equal(length);
  return bytes.toString('latin1');
}

describe('the writer of Redis replies', () => {
  const alike: [what: string, reply: WireReply, bytes: string][] = [
    ['OK', ok, '+OK\r\n'],
    ['a status', new Status('PONG'), '+PONG\r\n'],
    ['0', 0, ':0\r\n'],
    ['an integer', 1234567890123, ':1234567890123\r\n'],
    ['the longest integer', Number.MIN_SAFE_INTEGER, ':-9007199254740991\r\n'],
    ['an empty value', new Uint8Array(), '$0\r\n\r\n'],
    ['a value of any bytes', Uint8Array.of(0, 13, 10, 255), '$4\r\n\0\r\n\xff\r\n'],
    ['text, measured in bytes', 'ü', '$2\r\n\xc3\xbc\r\n'],
    ['an error, its code in capitals', new KvError('Timeout', 'no majority'), '-TIMEOUT no majority\r\n'],
    ['an error with line breaks', new KvError('ERR', 'a\r\nb\nc'), '-ERR a  b c\r\n'],
    ['an empty list', [], '*0\r\n'],
    ['a list within a list', [1, [ok, 2]], '*2\r\n:1\r\n*2\r\n+OK\r\n:2\r\n'],
  ];
  for (const [what, reply, bytes] of alike) {
    it(`writes ${what} alike in both versions`, () => {
      expect([encode(2, reply), encode(3, reply)]).to.deep.equal([bytes, bytes]);
    });
  }

  it('writes a missing value as each version has it', () => {
    expect([encode(2, null, [null]), encode(3, null, [null])]).to.deep.equal([
      '$-1\r\n*1\r\n$-1\r\n',
      '_\r\n*1\r\n_\r\n',
    ]);
  });

  it('writes a map as a list of names and values in RESP2', () => {
    const map = new ReplyMap([
      ['a', 1],
      ['b', new ReplyMap([])],
    ]);
    expect(encode(2, map)).to.equal('*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n*0\r\n');
    expect(encode(3, map)).to.equal('%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n%0\r\n');
  });

  it('gathers short and long replies in their order', () => {
    const replies = Array.from({ length: 200 }, (_, at) => Buffer.alloc(at * 5, at));
    const expected = replies.map((reply) => `$${reply.length}\r\n${reply.toString('latin1')}\r\n`).join('');
    expect(encode(2, ...replies)).to.equal(expected);
  });

  it('gives each batch memory of its own', () => {
    const writer = new ReplyWriter(1000);
    const other = new ReplyWriter(1000);
    writer.write('first');
    other.write('second');
    const first = writer.take();
    writer.write('third');
    const batches = [first, other.take(), writer.take()].map(String);
    expect(batches).to.deep.equal(['$5\r\nfirst\r\n', '$6\r\nsecond\r\n', '$5\r\nthird\r\n']);
  });

  it('refuses a batch that is too long', () => {
    const writer = new ReplyWriter(1000);
    writer.write(Buffer.alloc(900));
    expect(() => writer.write(Buffer.alloc(100))).to.throw(RepliesTooLong);
  });
});
