import { expect } from 'chai';
import { FrameKind, frameHeaderBytes, writeFrameHeader } from '../../../runtime/transport/frame.ts';
import { FrameParser } from '../../../runtime/transport/frameParser.ts';
import { encodeHello, Role, Verdict } from '../../../runtime/transport/hello.ts';
import type { Reply } from '../../../runtime/transport/incoming.ts';
import { ask, askUntilAnswered, bytesOf, TcpTestBed, textOf, until, WarningLog } from './tcpTestBed.ts';

const MiB = 1024 * 1024;

function numbered(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const numberIn = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);

function requestOf(callId: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + payload.byteLength);
  writeFrameHeader(frame, 0, frame.byteLength, FrameKind.request, 0, callId);
  frame.set(payload, frameHeaderBytes);
  return frame;
}

describe('The TCP transport', () => {
  let bed: TcpTestBed;
  beforeEach(() => {
    bed = new TcpTestBed();
  });
  afterEach(() => bed.closeAll());

  it('carries a request to a peer and the reply back, in both directions', async () => {
    const greet = (name: string) => ({
      onRequest: (from: string, payload: Uint8Array, reply: Reply) =>
        reply(bytesOf(`${name} heard ${textOf(payload)} from ${from}`)),
    });
    const [n1, n2] = await bed.pair(greet('n1'), greet('n2'));
    expect(textOf(await askUntilAnswered(n1, 'n2', bytesOf('ping')))).to.equal('n2 heard ping from n1');
    expect(textOf(await askUntilAnswered(n2, 'n1', bytesOf('pong')))).to.equal('n1 heard pong from n2');
  });

  it('gives each of many concurrent calls its own reply, in whatever order they are answered', async () => {
    const count = 5000;
    const held: (() => void)[] = [];
    const answerInDisorder = (_from: string, payload: Uint8Array, reply: Reply): void => {
      held.push(() => reply(numbered(numberIn(payload) * 2)));
      if (held.length < count) return;
      for (let at = 0; at < count; at += 1) held[(at * 2707) % count]?.(); // 2707 has no divisor in common with count
    };
    const n2 = await bed.node('n2', { onRequest: answerInDisorder });
    const client = bed.client({ peers: { n2: n2.address } });
    const replies = await Promise.all(
      Array.from({ length: count }, (_, k) => ask(client, 'n2', numbered(k))),
    );
    expect(replies.map((reply) => reply && numberIn(reply))).to.deep.equal(
      Array.from({ length: count }, (_, k) => k * 2),
    );
  });

  it('carries payloads of any size, in the order of the calls', async () => {
    const sizes = [0, 1, 8 * 1024, 8 * 1024 + 1, 64 * 1024, 256 * 1024, 256 * 1024 + 1, MiB + 5, 3];
    const arrived: number[] = [];
    const n2 = await bed.node('n2', {
      onRequest: (_from, payload, reply) => {
        arrived.push(payload.byteLength);
        reply(payload);
      },
    });
    const client = bed.client({ peers: { n2: n2.address } });
    const payloads = sizes.map((size) =>
      Uint8Array.from({ length: size }, (_, at) => (at * 31 + size) % 256),
    );
    const replies = await Promise.all(payloads.map((payload) => ask(client, 'n2', payload)));
    expect(arrived).to.deep.equal(sizes);
    expect(
      replies.map((reply, k) => Buffer.compare(reply ?? bytesOf('lost'), payloads[k] ?? bytesOf(''))),
    ).to.deep.equal(sizes.map(() => 0));
  });

  it('carries 20 MiB there and back, small calls beside it', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address } });
    const large = Buffer.alloc(20 * MiB);
    for (let at = 0; at < large.byteLength; at += 997) large[at] = at % 253;
    const [reply, small] = await Promise.all([ask(client, 'n2', large), ask(client, 'n2', bytesOf('small'))]);
    expect(Buffer.compare(reply ?? bytesOf('lost'), large)).to.equal(0);
    expect(textOf(small)).to.equal('small');
  });

  it('sends a payload in parts as one', async () => {
    const n2 = await bed.node('n2', {
      onRequest: (_from, payload, reply) => reply([payload, bytesOf('!'), new Uint8Array(0)]),
    });
    const client = bed.client({ peers: { n2: n2.address } });
    const middlePart = new Uint8Array(10_000).fill(97);
    const reply = await ask(client, 'n2', [bytesOf('<'), middlePart, bytesOf('>')]);
    expect(textOf(reply)).to.equal(`<${'a'.repeat(10_000)}>!`);
  });

  it('never answers from inside the call', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address }, limits: { frameBytesMax: 100 } });
    let isCalling = false;
    const answeredInside: boolean[] = [];
    for (const [peer, size] of [
      ['n2', 1],
      ['n2', 200],
      ['nobody', 1],
    ] as const) {
      isCalling = true;
      client.call(peer, new Uint8Array(size), () => answeredInside.push(isCalling));
      isCalling = false;
    }
    await until(() => answeredInside.length === 3);
    expect(answeredInside).to.deep.equal([false, false, false]);
  });

  it('sends the first reply to a request and no other', async () => {
    const n2 = await bed.node('n2', {
      onRequest: (_from, payload, reply) => {
        reply(payload);
        reply(bytesOf('again'));
      },
    });
    const caller = await bed.socket(n2.address);
    const said: Buffer[] = [];
    caller.on('data', (read) => said.push(read));
    caller.write(
      encodeHello({
        ...{ group: 0, role: Role.client, verdict: Verdict.none },
        ...{ clusterId: 'blue', from: 'c', to: 'n2' },
      }),
    );
    caller.write(Buffer.concat([requestOf(5, bytesOf('one')), requestOf(6, bytesOf('two'))]));
    await until(() => Buffer.concat(said).includes('two'));
    const parser = new FrameParser(1024);
    parser.push(Buffer.concat(said));
    expect(parser.next(), 'the hello').to.equal(true);
    const replies: [number, number, string | undefined][] = [];
    while (parser.next()) replies.push([parser.kind, parser.callId, textOf(parser.payload)]);
    expect(replies).to.deep.equal([
      [FrameKind.reply, 5, 'one'],
      [FrameKind.reply, 6, 'two'],
    ]);
  });

  it('ignores replies to calls that nobody has made', async () => {
    const accepted = encodeHello({
      ...{ group: 0, role: Role.node, verdict: Verdict.accepted },
      ...{ clusterId: 'blue', from: 'n2', to: 'status' },
    });
    const frames = [77, 1, 1].map((callId) => {
      const frame = requestOf(callId, bytesOf('reply'));
      frame[5] = FrameKind.reply;
      return frame;
    });
    const address = await bed.listener((socket) => {
      socket.once('data', () => socket.write(Buffer.concat([accepted, ...frames])));
    });
    const log = new WarningLog();
    const client = bed.client({ peers: { n2: address }, onWarning: log.onWarning });
    const replies: (string | undefined)[] = [];
    client.call('n2', bytesOf('?'), (reply) => replies.push(textOf(reply)));
    await until(() => replies.length > 0);
    await client.close();
    expect(replies).to.deep.equal(['reply']);
    expect(log.all).to.deep.equal([]);
  });

  it('tells a client apart from a peer of the same name', async () => {
    const n2 = await bed.node('n2', {
      peers: { n1: { host: '127.0.0.1', port: 1 } },
      onRequest: (from, _payload, reply) => reply(bytesOf(from)),
    });
    const client = bed.client({ nodeId: 'n1', peers: { n2: n2.address } });
    expect(textOf(await ask(client, 'n2', bytesOf('who am I?')))).to.equal('client:n1');
  });

  it('serves several clients of one name', async () => {
    const n2 = await bed.node('n2');
    const clients = [1, 2, 3].map(() => bed.client({ peers: { n2: n2.address } }));
    const askAll = () => Promise.all(clients.map((client) => ask(client, 'n2', bytesOf('hi'))));
    expect((await askAll()).map(textOf)).to.deep.equal(['hi', 'hi', 'hi']);
    expect((await askAll()).map(textOf)).to.deep.equal(['hi', 'hi', 'hi']);
  });

  it('loses a call to a peer that it does not know', async () => {
    const n1 = await bed.node('n1');
    expect(await ask(n1, 'nobody', bytesOf('?'))).to.equal(undefined);
  });

  it('loses a request that is larger than a frame may be, and says so', async () => {
    const log = new WarningLog();
    const n2 = await bed.node('n2');
    const client = bed.client({
      peers: { n2: n2.address },
      limits: { frameBytesMax: 1000 },
      onWarning: log.onWarning,
    });
    expect(await ask(client, 'n2', new Uint8Array(1000 - 12))).to.have.length(988);
    expect(await ask(client, 'n2', new Uint8Array(1000 - 11))).to.equal(undefined);
    expect(log.all.map((warned) => warned.message)).to.deep.equal([
      'A request of 1001 bytes to "n2" was not sent: at most 1000 bytes (frameBytesMax) are taken.',
    ]);
    expect(textOf(await ask(client, 'n2', bytesOf('next')))).to.equal('next');
  });

  it('does not send a reply that is larger than a frame may be, and says so', async () => {
    const log = new WarningLog();
    const n2 = await bed.node('n2', {
      limits: { frameBytesMax: 1000 },
      onWarning: log.onWarning,
      onRequest: (_from, _payload, reply) => reply(new Uint8Array(2000)),
    });
    const client = bed.client({ peers: { n2: n2.address }, limits: { callTimeoutMs: 40 } });
    expect(await ask(client, 'n2', bytesOf('?'))).to.equal(undefined);
    expect(log.all.map((warned) => warned.kind)).to.deep.equal(['oversize']);
  });

  it('closes the connection of a peer that announces more than a frame may hold', async () => {
    const log = new WarningLog();
    const n2 = await bed.node('n2', { limits: { frameBytesMax: 1000 }, onWarning: log.onWarning });
    const client = bed.client({ peers: { n2: n2.address } });
    expect(await ask(client, 'n2', new Uint8Array(5000))).to.equal(undefined);
    const warned = await log.first('oversize');
    expect(warned.message).to.include('5012 bytes where at most 1000 are taken');
  });
});
