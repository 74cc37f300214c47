import { expect } from 'chai';
import fc from 'fast-check';
import {
  FrameKind,
  frameHeaderBytes,
  MalformedFrame,
  writeFrameHeader,
} from '../../../runtime/transport/frame.ts';
import { FrameParser } from '../../../runtime/transport/frameParser.ts';
import { decodeHello, encodeHello, Role } from '../../../runtime/transport/hello.ts';

const MiB = 1024 * 1024;

function frameOf(callId: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + payload.byteLength);
  writeFrameHeader(frame, 0, frame.byteLength, FrameKind.request, 7, callId);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

function header(frameBytes: number): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes);
  writeFrameHeader(bytes, 0, frameBytes, FrameKind.request, 0, 0);
  return bytes;
}

/** The stream in reads that end at `cuts`; each read in memory of its own, as from a socket. */
function readsOf(stream: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (stream.byteLength + 1)), stream.byteLength].sort((a, b) => a - b);
  let from = 0;
  return ends.map((end) => {
    const read = Buffer.from(stream.subarray(from, end));
    from = end;
    return read;
  });
}

function parse(parser: FrameParser, reads: readonly Buffer[]): { callId: number; payload: Uint8Array }[] {
  const frames: { callId: number; payload: Uint8Array }[] = [];
  for (const read of reads) {
    parser.push(read);
    while (parser.next()) frames.push({ callId: parser.callId, payload: parser.payload });
  }
  return frames;
}

describe('Frames on a TCP connection', () => {
  it('are the same however the stream of bytes is cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
    const cuts = fc.array(fc.nat(), { maxLength: 30 });
    fc.assert(
      fc.property(payloads, cuts, (sent, where) => {
        const stream = Buffer.concat(sent.map((payload, callId) => frameOf(callId, payload)));
        const frames = parse(new FrameParser(1024), readsOf(stream, where));
        expect(frames).to.deep.equal(sent.map((payload, callId) => ({ callId, payload })));
      }),
    );
  });

  it('are the same when every read is a single byte', () => {
    const sent = [new Uint8Array(0), Uint8Array.of(1), new Uint8Array(40).fill(2)];
    const stream = Buffer.concat(sent.map((payload, callId) => frameOf(callId, payload)));
    const reads = Array.from(stream, (byte) => Buffer.of(byte));
    expect(parse(new FrameParser(1024), reads).map((frame) => frame.payload)).to.deep.equal(sent);
  });

  it('are given with kind, group, version and call id', () => {
    const parser = new FrameParser(1024);
    parser.push(frameOf(0xfedcba98, Uint8Array.of(1, 2)));
    expect(parser.next()).to.equal(true);
    expect(parser).to.include({ kind: FrameKind.request, group: 7, version: 1, callId: 0xfedcba98 });
  });

  it('of many mebibytes are put together from small reads without copying them again and again', () => {
    const payload = new Uint8Array(24 * MiB);
    for (let at = 0; at < payload.byteLength; at += 4093) payload[at] = at % 251;
    const stream = frameOf(1, payload);
    const cuts = Array.from({ length: stream.byteLength / 1024 }, (_, k) => k * 1024);
    const [frame] = parse(new FrameParser(32 * MiB), readsOf(stream, cuts));
    expect(Buffer.compare(frame?.payload ?? Buffer.alloc(0), payload)).to.equal(0);
  });

  it('keep their payloads while further reads come in', () => {
    const parser = new FrameParser(1024);
    const stream = Buffer.concat([
      frameOf(0, Uint8Array.of(1, 1)),
      frameOf(1, Uint8Array.of(2, 2)),
      frameOf(2, Uint8Array.of(3, 3)),
    ]);
    const frames = parse(parser, readsOf(stream, [20, 33]));
    expect(frames.map((frame) => [...frame.payload])).to.deep.equal([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(
      frames.every((frame) => !Buffer.isBuffer(frame.payload)),
      'no Buffer, whose slice() is a view',
    ).to.equal(true);
  });

  it('over the limit are refused when their header is there', () => {
    const parser = new FrameParser(1000);
    parser.push(header(1001));
    expect(() => parser.next()).to.throw(MalformedFrame, '1001 bytes where at most 1000');
  });

  it('of exactly the limit are taken', () => {
    const frames = parse(new FrameParser(1000), [frameOf(0, new Uint8Array(1000 - frameHeaderBytes))]);
    expect(frames).to.have.length(1);
  });

  it('shorter than their own header are refused', () => {
    const parser = new FrameParser(1000);
    parser.push(header(frameHeaderBytes - 1));
    expect(() => parser.next()).to.throw(MalformedFrame, 'no room for its header');
  });

  it('take memory as their bytes arrive, not as they claim', () => {
    const before = process.memoryUsage().arrayBuffers;
    const parsers = Array.from({ length: 20 }, () => {
      const parser = new FrameParser(80 * MiB);
      parser.push(Buffer.concat([header(80 * MiB), Buffer.of(1)]));
      expect(parser.next()).to.equal(false);
      return parser;
    });
    const taken = process.memoryUsage().arrayBuffers - before;
    expect(taken / parsers.length).to.be.below(2 * MiB);
  });
});

describe('The hello', () => {
  const name = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });

  it('comes out as it went in', () => {
    const hello = fc.record({
      group: fc.integer({ min: 0, max: 0xffff }),
      role: fc.constantFrom(Role.node, Role.client),
      verdict: fc.integer({ min: 0, max: 255 }),
      clusterId: name,
      from: name,
      to: name,
    });
    fc.assert(
      fc.property(hello, (sent) => {
        const parser = new FrameParser(1024);
        parser.push(encodeHello(sent));
        expect(parser.next()).to.equal(true);
        expect(decodeHello(parser)).to.deep.equal({ version: 1, ...sent });
      }),
    );
  });

  it('is told apart from any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (payload) => {
        expect(decodeHello({ version: 1, kind: FrameKind.hello, group: 0, callId: 0, payload })).to.equal(
          undefined,
        );
      }),
    );
  });

  it('cut short at any place is none', () => {
    const whole = encodeHello({
      group: 0,
      role: Role.node,
      verdict: 0,
      clusterId: 'blue',
      from: 'n1',
      to: 'n2',
    });
    for (let end = frameHeaderBytes; end < whole.byteLength; end += 1) {
      const payload = whole.subarray(frameHeaderBytes, end);
      expect(decodeHello({ version: 1, kind: FrameKind.hello, group: 0, callId: 0, payload })).to.equal(
        undefined,
      );
    }
  });
});
