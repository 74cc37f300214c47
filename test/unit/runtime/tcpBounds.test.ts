import { expect } from 'chai';
import { FrameKind, frameHeaderBytes, writeFrameHeader } from '../../../runtime/transport/frame.ts';
import { encodeHello, Role, Verdict } from '../../../runtime/transport/hello.ts';
import type { Reply } from '../../../runtime/transport/incoming.ts';
import { ask, askUntilAnswered, bytesOf, TcpTestBed, textOf, until, WarningLog } from './tcpTestBed.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

const hello = encodeHello({
  ...{ group: 0, role: Role.client, verdict: Verdict.none },
  ...{ clusterId: 'blue', from: 'greedy', to: 'n2' },
});

function requestOf(payloadBytes: number): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + payloadBytes);
  writeFrameHeader(frame, 0, frame.byteLength, FrameKind.request, 0, 1);
  return frame;
}

describe('The bounds of the TCP transport', () => {
  let bed: TcpTestBed;
  beforeEach(() => {
    bed = new TcpTestBed();
  });
  afterEach(() => bed.closeAll());

  it('lose the calls that a full queue has no room for, and only these', async () => {
    const n2 = await bed.node('n2', { onRequest: (_from, payload, reply) => reply(payload.subarray(0, 1)) });
    const frame = MiB + frameHeaderBytes;
    const client = bed.client({ peers: { n2: n2.address }, limits: { queuedBytesMax: 4 * frame } });
    await askUntilAnswered(client, 'n2');
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, k) => ask(client, 'n2', new Uint8Array(MiB).fill(k))),
    );
    expect(replies.map((reply) => reply?.[0])).to.deep.equal([0, 1, 2, 3, ...Array(6).fill(undefined)]);
    expect(await ask(client, 'n2', Uint8Array.of(9))).to.deep.equal(Uint8Array.of(9));
  });

  it('let an empty queue take a frame that is larger than the queue', async () => {
    const n2 = await bed.node('n2');
    const client = bed.client({ peers: { n2: n2.address }, limits: { queuedBytesMax: 1 } });
    await askUntilAnswered(client, 'n2');
    expect(await ask(client, 'n2', new Uint8Array(MiB))).to.have.length(MiB);
  });

  it('stop reading a caller who has too much unanswered, and go on when it is answered', async () => {
    const held: Reply[] = [];
    const n2 = await bed.node('n2', {
      limits: { unansweredBytesMax: MiB },
      onRequest: (_from, payload, reply) => (payload.byteLength === 1 ? reply(payload) : held.push(reply)),
    });
    const greedy = bed.client({ peers: { n2: n2.address } });
    const replies = Promise.all(
      Array.from({ length: 100 }, () => ask(greedy, 'n2', new Uint8Array(256 * KiB))),
    );
    const polite = bed.client({ peers: { n2: n2.address } });
    await until(() => held.length >= 4);
    // Every answer to the other caller takes a turn in which the first one's socket could be read.
    for (let k = 0; k < 200; k += 1) expect(await ask(polite, 'n2', Uint8Array.of(1))).to.have.length(1);
    expect(held.length).to.be.within(4, 5);
    for (let answered = 0; answered < 100; answered += 1) {
      await until(() => held.length > answered);
      held[answered]?.(bytesOf('ok'));
    }
    expect((await replies).map(textOf)).to.deep.equal(Array(100).fill('ok'));
  });

  it('read on after a while if requests are never answered', async () => {
    let heard = 0;
    const n2 = await bed.node('n2', {
      limits: { unansweredBytesMax: 64 * KiB, callTimeoutMs: 40 },
      onRequest: () => {
        heard += 1;
      },
    });
    const client = bed.client({ peers: { n2: n2.address } });
    for (let k = 0; k < 8; k += 1) client.call('n2', new Uint8Array(64 * KiB), () => {});
    await until(() => heard === 8);
  });

  it('stop reading a caller who does not read the replies', async () => {
    let heard = 0;
    const n2 = await bed.node('n2', {
      limits: { queuedBytesMax: 2 * MiB },
      onRequest: (_from, payload, reply) => {
        heard += 1;
        reply(payload.byteLength === 1 ? payload : new Uint8Array(MiB));
      },
    });
    const requests = 200;
    const caller = await bed.socket(n2.address);
    caller.pause();
    caller.write(hello);
    for (let k = 0; k < requests; k += 1) caller.write(requestOf(64 * KiB));
    const polite = bed.client({ peers: { n2: n2.address } });
    for (let k = 0; k < 200; k += 1) expect(await ask(polite, 'n2', Uint8Array.of(1))).to.have.length(1);
    expect(heard - 200, 'what the buffers of the system hold of the replies').to.be.within(1, requests / 2);
    caller.resume();
    await until(() => heard === 200 + requests);
  });

  it('give a call up when its time is over, not before, and drop the reply that comes later', async () => {
    const held: Reply[] = [];
    const n2 = await bed.node('n2', {
      onRequest: (_from, payload, reply) => (payload.byteLength === 0 ? held.push(reply) : reply(payload)),
    });
    const client = bed.client({ peers: { n2: n2.address }, limits: { callTimeoutMs: 64 } });
    await askUntilAnswered(client, 'n2');
    const replies: (string | undefined)[] = [];
    const started = performance.now();
    client.call('n2', new Uint8Array(0), (reply) => replies.push(textOf(reply)));
    // The connection is alive meanwhile, so that the late reply can come at all.
    while (replies.length === 0) await ask(client, 'n2', bytesOf('alive'));
    expect(performance.now() - started).to.be.at.least(62); // timers of Node may be a millisecond early
    held[0]?.(bytesOf('late'));
    expect(textOf(await ask(client, 'n2', bytesOf('behind it')))).to.equal('behind it');
    expect(replies).to.deep.equal([undefined]);
  });

  it('drop further connections when there are too many', async () => {
    const log = new WarningLog();
    const n2 = await bed.node('n2', { limits: { connectionsMax: 2 }, onWarning: log.onWarning });
    for (let k = 0; k < 2; k += 1) await askUntilAnswered(bed.client({ peers: { n2: n2.address } }), 'n2');
    const third = bed.client({ peers: { n2: n2.address } });
    expect(await ask(third, 'n2', bytesOf('?'))).to.equal(undefined);
    expect((await log.first('tooManyConnections')).message).to.include(
      '"n2" has 2 connections (connectionsMax)',
    );
  });
});
