import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { sharingReads } from '../../../kv/redis/sharedReads.ts';
import { eventually } from '../../eventually.ts';

/** A server that keeps what each of its sockets reads, piece by piece. */
async function listening() {
  /** As they were accepted. */
  const taken: Socket[] = [];
  const sockets: Socket[] = [];
  const reads: Buffer[][] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    const socket = sharingReads(accepted);
    taken.push(accepted);
    const own: Buffer[] = [];
    socket.on('data', (read: Buffer) => own.push(read));
    socket.on('error', () => {});
    sockets.push(socket);
    reads.push(own);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, taken, sockets, reads };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  await eventually(what, async () => (holds() ? true : undefined));
}

async function dial(server: Server): Promise<Socket> {
  const { port } = server.address() as AddressInfo; // listens on a port
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  return client;
}

describe('Sockets that share the memory they read into', () => {
  let server: Server;
  let taken: Socket[];
  let sockets: Socket[];
  let reads: Buffer[][];
  let clients: Socket[];

  beforeEach(async () => {
    ({ server, taken, sockets, reads } = await listening());
    clients = [await dial(server), await dial(server)];
    await until('both are accepted', () => sockets.length === 2);
  });

  afterEach(() => {
    for (const socket of [...clients, ...sockets]) socket.destroy();
    server.close();
  });

  const textOf = (place: number): string => Buffer.concat(reads[place] ?? []).toString();

  it('are made anew around the handle of the accepted one', () => {
    // Otherwise this version of Node keeps it elsewhere, and every read has memory set aside for it.
    const accepted = connect(1, '127.0.0.1').on('error', () => {});
    expect(sharingReads(accepted) === accepted, 'one that no server accepted').to.equal(true);
    accepted.destroy();
    expect(sockets.map((socket) => taken.includes(socket))).to.deep.equal([false, false]);
  });

  it('give each read memory of its own, which later reads leave alone', async () => {
    for (const text of ['a', 'bc', 'def']) {
      clients[0]?.write(text);
      await until(`${text} is read`, () => textOf(0).endsWith(text));
      clients[1]?.write(text.toUpperCase());
      await until(`${text} is read`, () => textOf(1).endsWith(text.toUpperCase()));
    }
    expect(textOf(0)).to.equal('abcdef');
    expect(textOf(1)).to.equal('ABCDEF');
  });

  it('bring more than the shared memory holds, in order', async () => {
    const long = Buffer.alloc(1_000_000, 'the quick brown fox ');
    clients[0]?.write(long);
    await until('all of it is read', () => textOf(0).length === long.length);
    expect(textOf(0)).to.equal(long.toString());
  });

  it('are not read from while they are paused', async () => {
    sockets[0]?.pause();
    clients[0]?.write('later');
    clients[1]?.write('now');
    await until('the other is read', () => textOf(1) === 'now');
    expect(textOf(0)).to.equal('');
    sockets[0]?.resume();
    await until('it is read', () => textOf(0) === 'later');
  });

  it('answer a client that has said its last', async () => {
    const [socket] = sockets;
    const [client] = clients;
    if (!socket || !client) throw new RangeError('There are two.');
    const ended = once(socket, 'end');
    client.end('bye');
    await ended;
    const answer = once(client, 'data');
    socket.end('bye, too');
    expect(`${(await answer)[0]}`).to.equal('bye, too');
  });

  it('are counted by their server, which closes when they are gone', async () => {
    const closed = once(server, 'close');
    for (const socket of sockets) socket.on('end', () => socket.end());
    server.close();
    for (const client of clients) client.destroy();
    await closed;
    expect(sockets.every(({ destroyed }) => destroyed)).to.equal(true);
  });
});
