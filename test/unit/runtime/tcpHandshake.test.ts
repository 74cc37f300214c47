import type { Socket } from 'node:net';
import { expect } from 'chai';
import fc from 'fast-check';
import { FrameKind, frameHeaderBytes, writeFrameHeader } from '../../../runtime/transport/frame.ts';
import { FrameParser } from '../../../runtime/transport/frameParser.ts';
import { decodeHello, encodeHello, type Hello, Role, Verdict } from '../../../runtime/transport/hello.ts';
import type { TcpTransport } from '../../../runtime/transport/tcpTransport.ts';
import type { WarningKind } from '../../../runtime/transport/warnings.ts';
import { ask, askUntilAnswered, bytesOf, readAll, TcpTestBed, textOf, WarningLog } from './tcpTestBed.ts';

const nowhere = { host: '127.0.0.1', port: 1 };

const helloFrom = (changes: Partial<Hello> = {}): Buffer =>
  encodeHello({
    group: 0,
    role: Role.node,
    verdict: Verdict.none,
    clusterId: 'blue',
    from: 'n1',
    to: 'n2',
    ...changes,
  });

function helloIn(bytes: Buffer): Hello | undefined {
  const parser = new FrameParser(1024);
  parser.push(bytes);
  return parser.next() ? decodeHello(parser) : undefined;
}

describe('The handshake of the TCP transport', () => {
  let bed: TcpTestBed;
  let log: WarningLog;
  beforeEach(() => {
    bed = new TcpTestBed();
    log = new WarningLog();
  });
  afterEach(() => bed.closeAll());

  /** n2, which knows n1, whose warnings are logged. */
  const listening = (limits = {}): Promise<TcpTransport> =>
    bed.node('n2', { peers: { n1: nowhere }, onWarning: log.onWarning, limits });

  async function serves(node: TcpTransport): Promise<boolean> {
    const client = bed.client({ peers: { n2: node.address } });
    return textOf(await ask(client, 'n2', bytesOf('hi'))) === 'hi';
  }

  /** What n2 says to these bytes, and that it closes then. */
  async function send(node: TcpTransport, bytes: Uint8Array): Promise<Buffer> {
    const socket = await bed.socket(node.address);
    const said = readAll(socket);
    socket.write(bytes);
    return said;
  }

  /** Both ends of a connection that must not come about: their warnings. */
  async function refused(
    kind: WarningKind,
    dialler: { clusterId?: string; nodeId?: string; peer?: string; group?: number },
  ): Promise<{ atDialler: string; atListener: string }> {
    const { peer = 'n2', nodeId = 'n1', ...others } = dialler;
    const node = await listening();
    const ownLog = new WarningLog();
    const n1 = await bed.node(nodeId, {
      ...others,
      peers: { [peer]: node.address },
      onWarning: ownLog.onWarning,
    });
    expect(await ask(n1, peer, bytesOf('?'))).to.equal(undefined);
    const [atDialler, atListener] = await Promise.all([ownLog.first(kind), log.first(kind)]);
    const kinds = [...ownLog.all, ...log.all].map((warned) => warned.kind);
    expect(kinds, 'one line at each end').to.deep.equal([kind, kind]);
    expect(atDialler.peer).to.equal(peer);
    expect(atListener.peer).to.equal(nodeId);
    return { atDialler: atDialler.message, atListener: atListener.message };
  }

  it('refuses a node of another cluster', async () => {
    const { atDialler, atListener } = await refused('foreignCluster', { clusterId: 'red' });
    expect(atListener).to.match(
      /^"n1", calling from 127\.0\.0\.1:\d+, belongs to cluster "red", "n2" to cluster "blue": correct the address, or the cluster id of one of them\. The connection was closed\.$/,
    );
    expect(atDialler).to.match(/^"n2" at 127\.0\.0\.1:\d+ belongs to cluster "blue", "n1" to cluster "red"/);
  });

  it('refuses a node that is no peer', async () => {
    const { atDialler, atListener } = await refused('unknownPeer', { nodeId: 'n7' });
    expect(atListener).to.match(/^"n7", calling from .*, is not a peer of "n2": add "n7" to the cluster/);
    expect(atDialler).to.match(/^"n2" at .* does not know "n7" as a peer: add "n7" to the cluster/);
  });

  it('refuses a node that wanted to reach another', async () => {
    const { atDialler, atListener } = await refused('wrongNode', { peer: 'n3' });
    expect(atListener).to.match(/^"n1", calling from .*, wants to reach "n3", but this is "n2": correct/);
    expect(atDialler).to.match(/^The node at .* is "n2", not "n3": correct the address of "n3"/);
  });

  it('refuses a node of another Raft group', async () => {
    const { atDialler, atListener } = await refused('wrongGroup', { group: 3 });
    expect(atListener).to.include('is in Raft group 3, "n2" in group 0: give both the same group');
    expect(atDialler).to.include('is in Raft group 0, "n1" in group 3');
  });

  it('refuses a node of another frame format, and tells it its own', async () => {
    const node = await listening();
    const hello = helloFrom();
    hello[4] = 9;
    expect(helloIn(await send(node, hello))).to.include({
      version: 1,
      from: 'n2',
      verdict: Verdict.wrongVersion,
    });
    const { message } = await log.first('wrongVersion');
    expect(message).to.include('speaks frame format 9, "n2" speaks 1: run releases that share a format');
  });

  it('says what a later release answers with', async () => {
    const address = await bed.listener((socket) => {
      const hello = helloFrom({ from: 'n2', to: 'n1', verdict: Verdict.wrongVersion });
      hello[4] = 9;
      socket.write(hello);
    });
    const n1 = await bed.node('n1', { peers: { n2: address }, onWarning: log.onWarning });
    expect(await ask(n1, 'n2', bytesOf('?'))).to.equal(undefined);
    expect((await log.first('wrongVersion')).message).to.include('speaks frame format 9, "n1" speaks 1');
  });

  it('says that it was refused for a reason which only a later release knows', async () => {
    const address = await bed.listener((socket) => {
      socket.write(helloFrom({ from: 'n2', to: 'n1', verdict: 77 }));
    });
    await bed.node('n1', { peers: { n2: address }, onWarning: log.onWarning });
    expect((await log.first('refused')).message).to.include('refuses "n1" for a reason (77)');
  });

  it('quotes names from the network, so that they cannot forge a line of the log', async () => {
    const node = await listening();
    await send(node, helloFrom({ from: 'n9\nERROR: disk failed' }));
    const { message } = await log.first('unknownPeer');
    expect(message).to.include('"n9\\nERROR: disk failed"').and.not.include('\n');
  });

  it('closes on an HTTP request, says so once, and goes on serving', async () => {
    const node = await listening();
    const said = await send(node, bytesOf('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
    expect(said).to.have.length(0);
    const { message } = await log.first('garbage');
    expect(message).to.match(
      /^What called "n2" from 127\.0\.0\.1:\d+ is no node: .* The connection was closed\./,
    );
    for (let k = 0; k < 20; k += 1) await send(node, bytesOf('GET / HTTP/1.1\r\n\r\n'));
    expect(log.all).to.have.length(1);
    expect(await serves(node)).to.equal(true);
  });

  it('outlives any bytes, before and after a hello', async () => {
    const node = await listening({ handshakeMs: 100 });
    const anyBytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.boolean(), async (bytes, afterHello) => {
        const socket = await bed.socket(node.address);
        const said = readAll(socket);
        socket.end(afterHello ? Buffer.concat([helloFrom(), bytes]) : bytes);
        await said;
      }),
      { numRuns: 60 },
    );
    expect(await serves(node)).to.equal(true);
  });

  it('closes on what claims to be a large first frame, however well it begins', async () => {
    const node = await listening();
    const hello = helloFrom();
    hello.writeUInt32LE(1_000_000, 0);
    await send(node, hello);
    expect((await log.first('garbage')).message).to.include('1000000 bytes where at most 1024 are taken');
  });

  it('closes on a request before the hello', async () => {
    const node = await listening();
    const request = Buffer.alloc(frameHeaderBytes);
    writeFrameHeader(request, 0, request.byteLength, FrameKind.request, 0, 1);
    await send(node, request);
    expect((await log.first('garbage')).message).to.include('its first frame is no hello');
  });

  it('closes on a frame of the wrong kind or group behind the hello', async () => {
    const node = await listening({ warningEveryMs: 0 });
    for (const [kind, group] of [
      [FrameKind.reply, 0],
      [FrameKind.hello, 0],
      [FrameKind.request, 5],
    ] as const) {
      const frame = Buffer.alloc(frameHeaderBytes);
      writeFrameHeader(frame, 0, frame.byteLength, kind, group, 1);
      const answer = await send(node, Buffer.concat([helloFrom(), frame]));
      expect(helloIn(answer)?.verdict).to.equal(Verdict.accepted);
      expect(log.all.at(-1)?.message).to.include(`kind ${kind} and group ${group} came`);
    }
  });

  it('closes on a caller that says nothing', async () => {
    const node = await listening({ handshakeMs: 20 });
    const socket = await bed.socket(node.address);
    await readAll(socket);
    expect((await log.first('garbage')).message).to.include('no hello came within 20 ms');
  });

  it('says nothing of a caller that leaves without a word', async () => {
    const node = await listening();
    const socket = await bed.socket(node.address);
    socket.end();
    await readAll(socket);
    expect(await serves(node)).to.equal(true);
    expect(log.all).to.deep.equal([]);
  });

  it('has its time limit for the hellos alone: the connection lasts', async () => {
    const node = await listening({ handshakeMs: 30 });
    const limits = { handshakeMs: 30, backOffMinMs: 3_600_000, backOffMaxMs: 3_600_000 };
    const client = bed.client({ peers: { n2: node.address }, limits });
    const started = performance.now();
    while (performance.now() < started + 90) expect(await ask(client, 'n2', bytesOf('?'))).to.have.length(1);
  });

  it('gives up a peer that does not answer its hello, and tries again', async () => {
    const diallers: Socket[] = [];
    const address = await bed.listener((socket) => {
      diallers.push(socket);
      socket.resume();
    });
    const limits = { handshakeMs: 15, backOffMinMs: 1, backOffMaxMs: 2 };
    const n1 = await bed.node('n1', { peers: { n2: address }, limits, onWarning: log.onWarning });
    expect(await ask(n1, 'n2', bytesOf('?'))).to.equal(undefined);
    const { message, remote } = await log.first('unreachable');
    expect(message).to.include('"n2" at').and.include('no hello came within 15 ms');
    expect(remote).to.equal(`127.0.0.1:${address.port}`);
    expect(diallers.length).to.be.greaterThan(3);
  });

  it('gives up an address where something else answers', async () => {
    const address = await bed.listener((socket) => socket.write('220 mail.example ESMTP ready\r\n'));
    const n1 = await bed.node('n1', { peers: { n2: address }, onWarning: log.onWarning });
    expect(await ask(n1, 'n2', bytesOf('?'))).to.equal(undefined);
    expect((await log.first('garbage')).message).to.match(
      /^What answers for "n2" at .* is no node: .* Correct the address/,
    );
  });

  it('lets a node in once it has become a peer', async () => {
    const n2 = await bed.node('n2');
    const limits = { backOffMinMs: 1, backOffMaxMs: 2 };
    const n1 = await bed.node('n1', { peers: { n2: n2.address }, limits, onWarning: log.onWarning });
    await log.first('unknownPeer');
    n2.setPeer('n1', n1.address);
    expect(textOf(await askUntilAnswered(n1, 'n2', bytesOf('now?')))).to.equal('now?');
  });
});
