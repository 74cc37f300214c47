import { expect } from 'chai';
import * as fc from 'fast-check';
import { defaultLimits } from '../../../kv/redis/limits.ts';
import { type ParserLimits, RespParser } from '../../../kv/redis/parser.ts';
import { ProtocolError } from '../../../kv/redis/protocolError.ts';
import { encodeCommand } from './redisRawClient.ts';

interface Outcome {
  readonly commands: string[][];
  /** Why the stream could not be read any further. */
  readonly error?: string;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** What the parser finds if the bytes come in these pieces. An error of any other class than its own escapes. */
function parse(pieces: readonly Uint8Array[], limits: ParserLimits = defaultLimits): Outcome {
  const parser = new RespParser(limits);
  const commands: string[][] = [];
  try {
    for (const piece of pieces) {
      // A copy of its own, as a socket gives it, that is overwritten once it has been used up.
      const read = Buffer.from(new Uint8Array(piece));
      parser.push(read);
      while (parser.next()) commands.push([parser.name, ...parser.args].map(textOf));
      read.fill(0x21);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { commands, error: error.message };
  }
  return { commands };
}

/** The bytes cut at the places that `cuts` points to. */
function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, at) => bytes.subarray(place, places[at]));
}

const everyByte = (bytes: Uint8Array): Uint8Array[] =>
  Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));

const cutsArbitrary = fc.array(fc.nat(), { maxLength: 12 });
const wordsArbitrary = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 });

/** Inline: every byte escaped, so that any word can be said. */
function encodeInline(words: readonly Uint8Array[]): Buffer {
  const quoted = words.map((word) => `"${Buffer.from(word).toString('hex').replaceAll(/../g, '\\x$&')}"`);
  return Buffer.from(`${quoted.join(' ')}\r\n`);
}

const commandArbitrary = fc.tuple(wordsArbitrary, fc.boolean()).map(([words, isInline]) => ({
  words: words.map(textOf),
  bytes: isInline ? encodeInline(words) : encodeCommand(...words),
}));

/** Bytes that look like commands for a while. */
const garbageArbitrary = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '$',
        '-',
        '\r',
        '\n',
        '\r\n',
        '0',
        '1',
        '2',
        '9',
        '10',
        ' ',
        '"',
        "'",
        '\\x4',
        'a',
        '\0',
      ),
      fc.constantFrom(
        '*1\r\n',
        '*2\r\n',
        '$1\r\n',
        '$3\r\nabc\r\n',
        '$0\r\n\r\n',
        'PING\r\n',
        '*-1\r\n',
        '$-1\r\n',
      ),
      fc.uint8Array({ maxLength: 4 }).map(textOf),
    ),
    { maxLength: 30 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

describe('the parser of the Redis protocol', () => {
  it('finds the same commands however the bytes are cut into reads', () => {
    fc.assert(
      fc.property(fc.array(commandArbitrary, { maxLength: 6 }), cutsArbitrary, (commands, cuts) => {
        const bytes = Buffer.concat(commands.map((command) => command.bytes));
        const expected: Outcome = { commands: commands.map((command) => command.words) };
        expect(parse([bytes])).to.deep.equal(expected);
        expect(parse(cut(bytes, cuts))).to.deep.equal(expected);
        expect(parse(everyByte(bytes))).to.deep.equal(expected);
      }),
    );
  });

  it('finds a value that is longer than many reads', () => {
    const value = Buffer.alloc(300_000, 'xyz');
    const bytes = encodeCommand('SET', 'key', value);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 1000) }, (_, at) =>
      bytes.subarray(at * 1000, (at + 1) * 1000),
    );
    expect(parse(pieces)).to.deep.equal({ commands: [['SET', 'key', textOf(value)]] });
  });

  it('meets garbage with an error of the protocol and nothing else, the same however it is cut', () => {
    const limits = {
      ...defaultLimits,
      inlineBytesMax: 12,
      bulkBytesMax: 9,
      argumentsMax: 10,
      commandBytesMax: 12,
    };
    fc.assert(
      fc.property(garbageArbitrary, cutsArbitrary, (bytes, cuts) => {
        const whole = parse([bytes], limits);
        expect(parse(cut(bytes, cuts), limits)).to.deep.equal(whole);
        expect(parse(everyByte(bytes), limits)).to.deep.equal(whole);
      }),
      { numRuns: 2000 },
    );
  });

  const complaints: [bytes: string, error: string][] = [
    ['*1\r\n:1\r\n', "expected '$', got ':'"],
    ['*1\r\nx', "expected '$', got 'x'"],
    ['*a\r\n', 'invalid multibulk length'],
    ['*\r\n', 'invalid multibulk length'],
    ['*01\r\n', 'invalid multibulk length'],
    ['*+1\r\n', 'invalid multibulk length'],
    ['*-0\r\n', 'invalid multibulk length'],
    ['*1\rx', 'invalid multibulk length'],
    ['*1048577\r\n', 'invalid multibulk length'],
    ['*99999999999999999999\r\n', 'invalid multibulk length'],
    ['*1\r\n$-1\r\n', 'invalid bulk length'],
    ['*1\r\n$x\r\n', 'invalid bulk length'],
    ['*1\r\n$16777217\r\n', 'invalid bulk length'],
    ['*1\r\n$3\r\nabcd\r\n', 'expected a line break behind the bulk'],
    ['SET "a\r\n', 'unbalanced quotes in request'],
    ["SET 'a'b\r\n", 'unbalanced quotes in request'],
    ['a'.repeat(65_537), 'too big inline request'],
    [`${'a'.repeat(65_537)}\r\n`, 'too big inline request'],
  ];
  for (const [bytes, error] of complaints) {
    const shown = bytes.length > 30 ? `${bytes.slice(0, 10)}... (${bytes.length} bytes)` : bytes;
    it(`answers ${JSON.stringify(shown)} with: ${error}`, () => {
      expect(parse([Buffer.from(bytes)])).to.deep.equal({ commands: [], error: `Protocol error: ${error}` });
    });
  }

  it('takes what is just within the limits', () => {
    const limits = { inlineBytesMax: 6, bulkBytesMax: 4, argumentsMax: 3, commandBytesMax: 10 };
    const longest = encodeCommand('LONG', 'four', 'st');
    const outcome = parse([Buffer.from('inline\n'), longest], limits);
    expect(outcome).to.deep.equal({ commands: [['inline'], ['LONG', 'four', 'st']] });
  });

  it('refuses a command whose arguments are too long together, before they came', () => {
    const limits = { ...defaultLimits, commandBytesMax: 10 };
    const outcome = parse([Buffer.from('*3\r\n$3\r\nSET\r\n$4\r\nfour\r\n$4\r\n')], limits);
    expect(outcome).to.deep.equal({ commands: [], error: 'Protocol error: too big command' });
  });

  it('gives the commands before the nonsense', () => {
    const outcome = parse([Buffer.concat([encodeCommand('PING'), Buffer.from('*x\r\n')])]);
    expect(outcome).to.deep.equal({
      commands: [['PING']],
      error: 'Protocol error: invalid multibulk length',
    });
  });

  it('passes over empty lines and empty arrays', () => {
    const outcome = parse([Buffer.from('\r\n\n  \r\n*0\r\n*-1\r\nPING\n')]);
    expect(outcome).to.deep.equal({ commands: [['PING']] });
  });

  it('splits inline commands as redis-cli does', () => {
    const line = `set  "a b"\t'c"\\'d' x"y z" "\\n\\x41\\q" ""\r\n`;
    const outcome = parse([Buffer.from(line)]);
    expect(outcome).to.deep.equal({ commands: [['set', 'a b', `c"'d`, 'xy z', '\nAq', '']] });
  });

  it('keeps no read alive for the arguments of a command that is not complete', () => {
    const parser = new RespParser(defaultLimits);
    const command = encodeCommand('SET', 'key', 'value');
    const filler = encodeCommand('ECHO', 'x'.repeat(50_000));
    parser.push(Buffer.from(new Uint8Array(Buffer.concat([filler, command.subarray(0, -4)]))));
    expect(parser.next()).to.equal(true);
    expect(parser.next()).to.equal(false);
    parser.push(command.subarray(-4));
    expect(parser.next()).to.equal(true);
    const words = [parser.name, ...parser.args];
    expect(words.map(textOf)).to.deep.equal(['SET', 'key', 'value']);
    for (const word of words) expect(word.buffer.byteLength).to.be.below(100);
  });

  it('gives arguments as views of the read where the command came in one', () => {
    const parser = new RespParser(defaultLimits);
    const read = encodeCommand('GET', 'key');
    parser.push(read);
    expect(parser.next()).to.equal(true);
    expect(parser.args[0]?.buffer).to.equal(read.buffer);
    expect(parser.byteLength).to.equal(6);
  });

  it('counts what it holds of a command that came in part, and what lies unread behind one that came in full', () => {
    const parser = new RespParser(defaultLimits);
    const [first, second] = [encodeCommand('GET', 'a'), encodeCommand('GET', 'bb')];
    parser.push(Buffer.concat([first, second, Buffer.from('*1\r\n$9\r\npart')]));
    expect(parser.next()).to.equal(true);
    expect(parser.heldBytes).to.equal(second.length + '*1\r\n$9\r\npart'.length);
    expect(parser.next()).to.equal(true);
    expect(parser.next()).to.equal(false);
    expect(parser.heldBytes).to.equal('part'.length);
  });
});
