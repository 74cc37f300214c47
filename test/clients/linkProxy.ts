/** Stands between a process and the port that it dials, so that a test can be the network. */
import { connect, type Server, type Socket } from 'node:net';
import { close, listenOn, portOf } from '../freePorts.ts';
import { Gate } from './gate.ts';

export class LinkProxy {
  /** From the one who dials. */
  readonly forth = new Gate();
  readonly back = new Gate();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isRefusing = false;

  /** Listens on a port of its own for connections to `port`. */
  static async to(port: number): Promise<LinkProxy> {
    return new LinkProxy(await listenOn(), port);
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (dialled: Socket) => {
      this.#note(dialled);
      if (this.#isRefusing) {
        dialled.on('error', () => {}).resetAndDestroy();
        return;
      }
      const target = connect({ host: '127.0.0.1', port, noDelay: true });
      dialled.setNoDelay(true);
      this.#note(target);
      this.forth.connect(dialled, target);
      this.back.connect(target, dialled);
    });
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Breaks the connections that there are, and each new one until `accept`. */
  refuse(): void {
    this.#isRefusing = true;
    this.reset();
  }

  accept(): void {
    this.#isRefusing = false;
  }

  /** Breaks the connections that there are: what was held up is lost. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await close(this.#server);
  }

  #note(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
