import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { FrameKind, frameHeaderBytes, writeFrameHeader } from '../../../runtime/transport/frame.ts';
import { encodeHello, Role, Verdict } from '../../../runtime/transport/hello.ts';
import type { Reply } from '../../../runtime/transport/incoming.ts';
import { ask, askUntilAnswered, bytesOf, TcpTestBed, textOf, until, WarningLog } from './tcpTestBed.ts';

const MiB = 1024 * 1024;
const quick = { backOffMinMs: 2, backOffMaxMs: 10 };
const never = { backOffMinMs: 3_600_000, backOffMaxMs: 3_600_000 };

const acceptance = encodeHello({
  ...{ group: 0, role: Role.node, verdict: Verdict.accepted },
  ...{ clusterId: 'blue', from: 'n2', to: 'n1' },
});

function replyTo(callId: number): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes);
  writeFrameHeader(frame, 0, frame.byteLength, FrameKind.reply, 0, callId);
  return frame;
}

describe('A lost connection of the TCP transport', () => {
  let bed: TcpTestBed;
  let log: WarningLog;
  beforeEach(() => {
    bed = new TcpTestBed();
    log = new WarningLog();
  });
  afterEach(() => bed.closeAll());

  it('is made again when the peer restarts at the same port', async () => {
    const first = await bed.node('n2');
    const client = bed.client({ peers: { n2: first.address }, limits: quick });
    await askUntilAnswered(client, 'n2');
    await first.close();
    expect(await ask(client, 'n2', bytesOf('?'))).to.equal(undefined);
    await bed.node('n2', {
      listen: first.address,
      onRequest: (_from, _payload, reply) => reply(bytesOf('reborn')),
    });
    expect(textOf(await askUntilAnswered(client, 'n2'))).to.equal('reborn');
  });

  it('is made again at once when the peer calls, however long the back-off', async () => {
    const limits = never;
    const n1 = await bed.node('n1', { limits });
    const n2 = await bed.node('n2');
    n1.setPeer('n2', n2.address);
    n2.setPeer('n1', n1.address);
    await askUntilAnswered(n1, 'n2');
    await n2.close();
    await bed.node('n2', { listen: n2.address, peers: { n1: n1.address } });
    expect(textOf(await askUntilAnswered(n1, 'n2', bytesOf('back?')))).to.equal('back?');
  });

  it('loses all calls under way', async () => {
    const held: Reply[] = [];
    const n2 = await bed.node('n2', { onRequest: (_from, _payload, reply) => held.push(reply) });
    const client = bed.client({ peers: { n2: n2.address }, limits: never });
    const replies = Promise.all([1, 2, 3].map((k) => ask(client, 'n2', Uint8Array.of(k))));
    await until(() => held.length === 3);
    await n2.close();
    expect(await replies).to.deep.equal([undefined, undefined, undefined]);
    for (const reply of held) reply(bytesOf('too late'));
  });

  it('to a dead peer loses calls soon, and nothing spins', async () => {
    const dials: number[] = [];
    const address = await bed.listener((socket) => {
      dials.push(performance.now());
      socket.destroy();
    });
    const limits = { backOffMinMs: 30, backOffMaxMs: 40, callTimeoutMs: 3_600_000 };
    const client = bed.client({ peers: { n2: address }, limits });
    let lost = 0;
    while (dials.length < 6) if ((await ask(client, 'n2', bytesOf('?'))) === undefined) lost += 1;
    expect(lost).to.be.greaterThan(20);
    const pauses = dials.slice(1).map((at, k) => at - (dials[k] ?? 0));
    expect(Math.min(...pauses)).to.be.greaterThan(25); // timers of Node may be a millisecond early
  });

  it('that never lasts is dialled more and more slowly', async () => {
    let dials = 0;
    const address = await bed.listener((socket) => {
      dials += 1;
      socket.end(acceptance);
    });
    const drawn: number[] = [];
    const random = {
      next: () => {
        drawn.push(dials);
        return drawn.length < 4 ? 0 : 1 - 1e-9;
      },
    };
    const started = performance.now();
    await bed.node('n1', {
      peers: { n2: address },
      random,
      limits: { backOffMinMs: 5, backOffMaxMs: 3_600_000 },
    });
    await until(() => dials === 5);
    expect(drawn).to.deep.equal([1, 2, 3, 4]);
    expect(performance.now() - started, 'the fourth ceiling is 5 ms doubled four times').to.be.greaterThan(
      75,
    );
  });

  it('is called unreachable after several dials, once', async () => {
    const n2 = await bed.node('n2');
    await n2.close();
    bed.client({
      peers: { n2: n2.address },
      limits: { backOffMinMs: 1, backOffMaxMs: 1 },
      onWarning: log.onWarning,
    });
    const { message, peer } = await log.first('unreachable');
    expect(message).to.match(/^"n2" at 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/);
    expect(peer).to.equal('n2');
  });

  it('follows the peer to a new address', async () => {
    const [old, moved] = [
      await bed.node('n2'),
      await bed.node('n2', { onRequest: (_f, _p, reply) => reply(bytesOf('moved')) }),
    ];
    const client = bed.client({ peers: { n2: old.address }, limits: never });
    await askUntilAnswered(client, 'n2');
    client.setPeer('n2', moved.address);
    expect(textOf(await ask(client, 'n2', bytesOf('?')))).to.equal('moved');
  });

  it('is not touched when the same address is set again', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address }, limits: never });
    const reply = ask(client, 'n2', bytesOf('stays'));
    client.setPeer('n2', { ...n2.address });
    expect(textOf(await reply)).to.equal('stays');
  });

  it('to what is no peer any more is closed in both directions', async () => {
    const [n1, n2] = await bed.pair({ limits: never }, { limits: never });
    await Promise.all([askUntilAnswered(n1, 'n2'), askUntilAnswered(n2, 'n1')]);
    n2.setPeer('n1', undefined);
    expect(await ask(n2, 'n1', bytesOf('?'))).to.equal(undefined);
    let reply = await ask(n1, 'n2', bytesOf('?'));
    while (reply !== undefined) reply = await ask(n1, 'n2', bytesOf('?'));
  });

  it('is given up when the peer has fallen silent, and dialled anew', async () => {
    const diallers: Socket[] = [];
    const address = await bed.listener((socket) => {
      diallers.push(socket);
      socket.resume();
      socket.write(acceptance);
    });
    const limits = { ...quick, callTimeoutMs: 24 };
    const n1 = await bed.node('n1', { peers: { n2: address }, limits, onWarning: log.onWarning });
    while (diallers.length < 2) expect(await ask(n1, 'n2', bytesOf('?'))).to.equal(undefined);
    expect((await log.first('unreachable')).message).to.include('has said nothing for 24 ms, though asked');
  });

  it('is not given up while a large frame leaves slowly', async () => {
    const bytes = 24 * MiB;
    let taken = 0;
    let dials = 0;
    const address = await bed.listener((socket) => {
      dials += 1;
      socket.write(Buffer.concat([acceptance, replyTo(1)]));
      // About 16 MiB a second: the frame takes several times as long as a call may.
      socket.on('data', (read) => {
        taken += read.byteLength;
        socket.pause();
        setTimeout(() => socket.resume(), 3);
      });
    });
    const n1 = await bed.node('n1', { peers: { n2: address }, limits: { ...quick, callTimeoutMs: 240 } });
    expect(await ask(n1, 'n2', bytesOf('?'))).to.have.length(0);
    expect(await ask(n1, 'n2', new Uint8Array(bytes))).to.equal(undefined);
    expect(taken, 'the call has timed out before its request was through').to.be.below(bytes);
    await until(() => taken >= bytes || dials > 1);
    expect(dials).to.equal(1);
    expect(taken).to.be.at.least(bytes + frameHeaderBytes);
  });

  it('gives way when its peer has called anew', async () => {
    const n2 = await bed.node('n2', {
      peers: { n1: { host: '127.0.0.1', port: 1 } },
      onWarning: log.onWarning,
    });
    const hello = encodeHello({
      ...{ group: 0, role: Role.node, verdict: Verdict.none },
      ...{ clusterId: 'blue', from: 'n1', to: 'n2' },
    });
    const [older, newer] = [await bed.socket(n2.address), await bed.socket(n2.address)];
    older.write(hello);
    await once(older, 'data');
    const olderIsClosed = once(older, 'close');
    newer.write(hello);
    await once(newer, 'data');
    await olderIsClosed;
    expect(newer.closed).to.equal(false);
    expect((await log.first('connectedTwice')).message).to.include(
      'If this is repeated, two processes run as "n1"',
    );
  });
});
