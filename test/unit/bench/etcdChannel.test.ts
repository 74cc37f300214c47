import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { expect } from 'chai';
import { EtcdChannel } from '../../bench/load/etcdChannel.ts';
import { portOf } from '../../freePorts.ts';

/** A message of gRPC with nothing in it. */
const emptyMessage = Buffer.alloc(5);
const requests = 200;

describe('the client of etcd, at a server of Node', () => {
  let server: Http2Server;
  const seen = { paths: new Set<string>(), bodies: [] as Buffer[] };

  before(async () => {
    server = createServer();
    server.on('stream', (stream: ServerHttp2Stream, headers) => {
      seen.paths.add(`${headers[':method']} ${headers[':path']} ${headers['content-type']} ${headers.te}`);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const body = Buffer.concat(chunks);
        seen.bodies.push(body);
        // Key 7 is refused, as gRPC does it: with headers alone.
        const isRefused = body.includes('000000000007');
        const reply = { ':status': 200, 'content-type': 'application/grpc' };
        stream.respond(reply, isRefused ? { endStream: true } : { waitForTrailers: true });
        if (isRefused) return;
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(emptyMessage);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  after(() => {
    server.close();
  });

  it('has each call answered or refused, in more bytes than a window holds', async () => {
    const told = { answered: 0, failures: [] as string[] };
    let key = 0;
    await new Promise<void>((resolve, reject) => {
      const channel = new EtcdChannel(
        // A connection's first window holds 65,535 bytes.
        { host: '127.0.0.1', port: portOf(server) },
        20,
        { command: 'set', valueBytes: 10_000, nextKey: () => key++ },
        {
          answered: () => {
            told.answered += 1;
          },
          failed: (message) => told.failures.push(message),
          freed: () => {
            if (told.answered + told.failures.length === requests) {
              channel.close();
              resolve();
            } else if (key < requests) channel.send();
          },
        },
      );
      channel.open().then(() => {
        while (channel.free > 0) channel.send();
        channel.flush();
      }, reject);
    });
    expect(told).to.deep.equal({ answered: requests - 1, failures: ['etcd answered with an error.'] });
    expect([...seen.paths]).to.deep.equal(['POST /etcdserverpb.KV/Put application/grpc trailers']);
    const [body] = seen.bodies;
    // gRPC: not compressed, length; protobuf: key (field 1) of 12 bytes, value (field 2) of 10,000.
    expect(body?.subarray(0, 7).toString('hex')).to.equal(`00${(10_017).toString(16).padStart(8, '0')}0a0c`);
    expect(body?.subarray(19, 22).toString('hex')).to.equal('12904e');
    expect(new Set(seen.bodies.map((each) => each.toString('latin1', 7, 19))).size).to.equal(requests);
  });
});
