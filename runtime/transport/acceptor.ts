/** Takes connections in at the address of this node. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { NodeId } from '../../machines/configuration.ts';
import type { PeerAddress } from './address.ts';
import { judgeDialler } from './handshake.ts';
import { type Hello, Role, type Verdict } from './hello.ts';
import { IncomingConnection, type OnRequest, type Reception } from './incoming.ts';
import { listenError } from './listenErrors.ts';
import type { TransportScope } from './scope.ts';
import { quote } from './warnings.ts';

/** What the acceptor must know of the peers. */
export interface Peers {
  isPeer(id: NodeId): boolean;
  /** A peer has called. */
  onPeerCalled(id: NodeId): void;
}

export class Acceptor implements Reception {
  readonly #scope: TransportScope;
  readonly #peers: Peers;
  readonly #onRequest: OnRequest;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #incoming = new Set<IncomingConnection>();
  /** The latest connection of each peer. */
  readonly #byPeer = new Map<NodeId, IncomingConnection>();

  constructor(scope: TransportScope, peers: Peers, onRequest: OnRequest) {
    this.#scope = scope;
    this.#peers = peers;
    this.#onRequest = onRequest;
    const { keepAliveMs, connectionsMax } = scope.limits;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
    this.#server.maxConnections = connectionsMax;
    this.#server.on('connection', (socket) => this.#takeIn(socket));
    this.#server.on('drop', (data) => this.#warnOfDrop(data?.remoteAddress));
  }

  /**
   * Settles with the address once connections are taken.
   * @throws PortInUse, CannotListen
   */
  async listen(address: PeerAddress): Promise<PeerAddress> {
    try {
      this.#server.listen(address.port, address.host);
      await once(this.#server, 'listening');
    } catch (error) {
      // RangeError for a port that is none, else an error of the system: all that listen() has to offer.
      throw listenError(error as NodeJS.ErrnoException, address);
    }
    this.#server.on('error', (error) => this.#warnOfFailure(error));
    const bound = this.#server.address();
    return {
      host: address.host,
      port: typeof bound === 'object' && bound !== null ? bound.port : address.port,
    };
  }

  judge(hello: Hello): Verdict {
    return judgeDialler(hello, this.#scope.me, (id) => this.#peers.isPeer(id));
  }

  onOpen(incoming: IncomingConnection): void {
    if (incoming.role !== Role.node) return;
    const { from, remote } = incoming;
    const older = this.#byPeer.get(from);
    this.#byPeer.set(from, incoming);
    if (older !== undefined) {
      // Usually the rest of a connection whose end nobody told us: the peer's machine has failed, or the line.
      const message = `${quote(from)} has called again, from ${remote}: its connection from ${older.remote} was closed. If this is repeated, two processes run as ${quote(from)}: stop one.`;
      this.#scope.warnings.warn('connectedTwice', from, message, remote, from);
      older.connection.close();
    }
    this.#peers.onPeerCalled(from);
  }

  onGone(incoming: IncomingConnection): void {
    this.#incoming.delete(incoming);
    if (this.#byPeer.get(incoming.from) === incoming) this.#byPeer.delete(incoming.from);
  }

  /** True if requests are still with the service. */
  sweep(tick: number): boolean {
    let somethingWaits = false;
    for (const incoming of this.#incoming) somethingWaits = incoming.sweep(tick) || somethingWaits;
    return somethingWaits;
  }

  /** What was a peer is none any more. */
  forget(peer: NodeId): void {
    this.#byPeer.get(peer)?.connection.close();
  }

  /** Settles when the port is free and no connection is left. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const incoming of this.#incoming) incoming.connection.close();
    // Those that were refused may still be saying why.
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #takeIn(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    this.#incoming.add(new IncomingConnection(socket, this.#scope, this, this.#onRequest));
  }

  /** The system could not hand a connection over, usually for want of file descriptors. */
  #warnOfFailure(error: Error): void {
    const { me, warnings } = this.#scope;
    const message = `${quote(me.nodeId)} could not take a connection in: ${error.message}. Raise the limit of open files.`;
    warnings.warn('acceptFailed', '', message, '');
  }

  #warnOfDrop(host = 'unknown'): void {
    const { limits, me, warnings } = this.#scope;
    const message = `${quote(me.nodeId)} has ${limits.connectionsMax} connections (connectionsMax) and takes no more: one from ${host} was closed. Find out who opens them.`;
    warnings.warn('tooManyConnections', '', message, host);
  }
}
