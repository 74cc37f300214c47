/** A connection that a peer or a client has dialled: its requests come in, our replies go out. */
import type { Socket } from 'node:net';
import type { NodeId } from '../../machines/configuration.ts';
import { formatAddress } from './address.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { type Frame, FrameKind, frameBytesOf, MalformedFrame, type Payload } from './frame.ts';
import { describeRefusal, warningKindOf } from './handshake.ts';
import { decodeHello, encodeHello, type Hello, Role, Verdict } from './hello.ts';
import { expectFrame, type TransportScope } from './scope.ts';
import { UnansweredBytes } from './unansweredBytes.ts';
import { quote } from './warnings.ts';

/** Sends the reply to one request; a second reply, or one to a caller that is gone, is dropped. */
export type Reply = (payload: Payload) => void;

/**
 * Serves one request. `from` is the id of a peer, or `client:` and the name of a client: no peer can bear such an id.
 * The payload is never written again, so that it may be kept; but a small one keeps up to 64 KiB around it alive. The
 * payload of the reply must not change any more. Whatever this throws ends the process like any uncaught error.
 */
export type OnRequest = (from: NodeId, payload: Uint8Array, reply: Reply) => void;

/** What the name of a caller that is no member begins with. */
export const clientPrefix = 'client:';

/** Who takes connections in, for one of them. */
export interface Reception {
  judge(hello: Hello): Verdict;
  /** Both ends have introduced themselves. */
  onOpen(incoming: IncomingConnection): void;
  onGone(incoming: IncomingConnection): void;
}

export class IncomingConnection implements ConnectionOwner {
  readonly connection: Connection;
  /** host:port of the caller */
  readonly remote: string;
  /** Empty until the caller has introduced itself. */
  from: NodeId = '';
  role: Role = Role.client;
  readonly #host: string;
  readonly #scope: TransportScope;
  readonly #reception: Reception;
  readonly #onRequest: OnRequest;
  readonly #unanswered: UnansweredBytes;
  readonly #handshakeTimer: NodeJS.Timeout;
  #isOpen = false;
  #isPaused = false;

  constructor(socket: Socket, scope: TransportScope, reception: Reception, onRequest: OnRequest) {
    // The address is no longer known if the caller has gone already.
    this.#host = socket.remoteAddress ?? 'unknown';
    this.remote = formatAddress({ host: this.#host, port: socket.remotePort ?? 0 });
    this.#scope = scope;
    this.#reception = reception;
    this.#onRequest = onRequest;
    this.#unanswered = new UnansweredBytes(scope.ticker.tick);
    const { limits, me } = scope;
    this.connection = new Connection(socket, this, me.group, limits.queuedBytesMax);
    this.#handshakeTimer = setTimeout(() => {
      this.connection.close(new MalformedFrame(`no hello came within ${limits.handshakeMs} ms`));
    }, limits.handshakeMs);
  }

  /** Forgets requests that are not answered for too long; true if others are still with the service. */
  sweep(tick: number): boolean {
    this.#unanswered.sweep(tick);
    this.#resumeIfPossible();
    return this.#unanswered.total > 0;
  }

  onFrame(frame: Frame): void {
    if (!this.#isOpen) {
      this.#takeHello(frame);
      return;
    }
    expectFrame(frame, FrameKind.request, this.#scope.me);
    const { callId, payload } = frame;
    const bytes = payload.byteLength;
    const tick = this.#scope.ticker.note();
    this.#unanswered.add(bytes, tick);
    if (!this.#isPaused && this.#isOverloaded()) {
      this.#isPaused = true;
      this.connection.pause();
    }
    let isAnswered = false;
    this.#onRequest(this.from, payload, (reply) => {
      if (isAnswered) return;
      isAnswered = true;
      this.#unanswered.subtract(bytes, tick);
      this.#answer(callId, reply);
    });
  }

  onDrained(): void {
    this.#resumeIfPossible();
  }

  onClosed(cause: Error | undefined): void {
    clearTimeout(this.#handshakeTimer);
    if (cause instanceof MalformedFrame) this.#warnOfGarbage(cause);
    this.#reception.onGone(this);
  }

  #takeHello(frame: Frame): void {
    const { me, limits, warnings } = this.#scope;
    const hello = decodeHello(frame);
    if (hello === undefined) throw new MalformedFrame('its first frame is no hello');
    const verdict = this.#reception.judge(hello);
    const answer = encodeHello({ ...me, from: me.nodeId, to: hello.from, verdict });
    if (verdict !== Verdict.accepted) {
      const message = describeRefusal(verdict, hello, me, this.remote);
      warnings.warn(warningKindOf(verdict), this.#host, message, this.remote, hello.from);
      this.connection.refuse(answer);
      return;
    }
    clearTimeout(this.#handshakeTimer);
    this.from = hello.role === Role.node ? hello.from : `${clientPrefix}${hello.from}`;
    this.role = hello.role;
    this.#isOpen = true;
    this.connection.greet(answer);
    this.connection.open(limits.frameBytesMax);
    this.#reception.onOpen(this);
  }

  #answer(callId: number, reply: Payload): void {
    const frameBytes = frameBytesOf(reply);
    const { limits, warnings } = this.#scope;
    if (frameBytes > limits.frameBytesMax) {
      const message = `A reply of ${frameBytes} bytes to ${quote(this.from)} was not sent: at most ${limits.frameBytesMax} bytes (frameBytesMax) are taken.`;
      warnings.warn('oversize', this.from, message, this.remote, this.from);
    } else if (this.connection.hasRoomFor(frameBytes)) {
      this.connection.send(FrameKind.reply, callId, reply, frameBytes);
    }
    this.#resumeIfPossible();
  }

  /** More is with the service, or on its way back, than this caller may have. */
  #isOverloaded(): boolean {
    const { unansweredBytesMax, queuedBytesMax } = this.#scope.limits;
    return this.#unanswered.total > unansweredBytesMax || this.connection.queuedBytes > queuedBytesMax / 2;
  }

  #resumeIfPossible(): void {
    if (!this.#isPaused || this.#isOverloaded()) return;
    this.#isPaused = false;
    this.connection.resume();
  }

  #warnOfGarbage(cause: MalformedFrame): void {
    const { me, warnings } = this.#scope;
    const message = this.#isOpen
      ? `${quote(this.from)}, calling from ${this.remote}, sent what cannot be read: ${cause.message}. The connection was closed. Run the same release, with the same limits, on all nodes.`
      : `What called ${quote(me.nodeId)} from ${this.remote} is no node: ${cause.message}. The connection was closed. Let only nodes reach this port.`;
    const kind = this.#isOpen && cause.isOversize ? 'oversize' : 'garbage';
    warnings.warn(kind, this.#host, message, this.remote);
  }
}
