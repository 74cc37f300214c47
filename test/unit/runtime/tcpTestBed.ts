/** Transports and bare sockets on the loopback for the tests of the TCP transport; closes all that it opened. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Random } from '../../../machines/ports.ts';
import type { PeerAddress } from '../../../runtime/transport/address.ts';
import {
  openTcpClient,
  openTcpTransport,
  type TcpClient,
  type TcpClientOptions,
  type TcpTransport,
  type TcpTransportOptions,
} from '../../../runtime/transport/tcpTransport.ts';
import type { WarningAbout } from '../../../runtime/transport/warnings.ts';

export const anyPort: PeerAddress = { host: '127.0.0.1', port: 0 };

/** Not random at all: the middle of every range. */
export const middle: Random = { next: () => 0.5 };

export interface Warned extends WarningAbout {
  readonly message: string;
}

/** Collects warnings, and lets a test wait for one. */
export class WarningLog {
  readonly all: Warned[] = [];
  #arrived: () => void = () => {};

  readonly onWarning = (message: string, about: WarningAbout): void => {
    this.all.push({ message, ...about });
    this.#arrived();
  };

  async first(kind: WarningAbout['kind']): Promise<Warned> {
    for (;;) {
      const found = this.all.find((warned) => warned.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }
}

export class TcpTestBed {
  #closers: (() => Promise<void>)[] = [];

  /** A node that sends every request back, unless told otherwise. */
  async node(nodeId: string, options: Partial<TcpTransportOptions> = {}): Promise<TcpTransport> {
    const transport = await openTcpTransport({
      clusterId: 'blue',
      nodeId,
      listen: anyPort,
      peers: {},
      random: middle,
      onRequest: (_from, payload, reply) => reply(payload),
      ...options,
    });
    this.#closers.push(() => transport.close());
    return transport;
  }

  client(options: Partial<TcpClientOptions> = {}): TcpClient {
    const client = openTcpClient({
      clusterId: 'blue',
      nodeId: 'status',
      peers: {},
      random: middle,
      ...options,
    });
    this.#closers.push(() => client.close());
    return client;
  }

  /** Two nodes that know each other. */
  async pair(
    left: Partial<TcpTransportOptions> = {},
    right: Partial<TcpTransportOptions> = {},
  ): Promise<[TcpTransport, TcpTransport]> {
    const n1 = await this.node('n1', left);
    const n2 = await this.node('n2', right);
    n1.setPeer('n2', n2.address);
    n2.setPeer('n1', n1.address);
    return [n1, n2];
  }

  /** A server that is no transport. */
  async listener(onSocket: (socket: Socket) => void, port = 0): Promise<PeerAddress> {
    const sockets = new Set<Socket>();
    const server: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onSocket(socket);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    this.#closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    });
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }; // a TCP server has such an address
  }

  /** A connection that is no transport. */
  async socket({ host, port }: PeerAddress): Promise<Socket> {
    const socket = connect({ host, port });
    socket.on('error', () => {});
    this.#closers.push(async () => {
      socket.destroy();
    });
    await once(socket, 'connect');
    return socket;
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.#closers.map((close) => close()));
    this.#closers = [];
  }
}

export function ask(
  transport: TcpClient,
  peer: string,
  payload: Uint8Array | readonly Uint8Array[],
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => transport.call(peer, payload, resolve));
}

/** Asks until there is a reply: the two are connected then. */
export async function askUntilAnswered(
  transport: TcpClient,
  peer: string,
  payload: Uint8Array = bytesOf('?'),
): Promise<Uint8Array> {
  const patience = new Patience();
  for (;;) {
    const reply = await ask(transport, peer, payload);
    if (reply !== undefined) return reply;
    patience.check(`${peer} has not answered`);
  }
}

/** Settles once `holds` is true; looks at every turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  const patience = new Patience();
  while (!holds()) {
    await new Promise((resolve) => setImmediate(resolve));
    patience.check(`it does not hold that ${holds}`);
  }
}

/** Ends a loop that waits for what never comes, so that a failed test does not go on behind the others. */
class Patience {
  readonly #until = performance.now() + 20_000;

  check(what: string): void {
    if (performance.now() > this.#until) throw new Error(`After 20 s ${what}.`);
  }
}

/** Settles when the socket is closed; what it has said by then. */
export async function readAll(socket: Socket): Promise<Buffer> {
  const reads: Buffer[] = [];
  socket.on('data', (read) => reads.push(read));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(reads);
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
