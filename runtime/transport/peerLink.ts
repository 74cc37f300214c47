/** The outgoing connection to one peer: dialled, dialled again after it was lost, and asked. */
import { connect } from 'node:net';
import type { NodeId } from '../../machines/configuration.ts';
import { formatAddress, type PeerAddress } from './address.ts';
import { backOffMs } from './backOff.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { type Frame, FrameKind, frameBytesOf, MalformedFrame, type Payload } from './frame.ts';
import { describeAnswer, judgeAnswer, warningKindOf } from './handshake.ts';
import { decodeHello, encodeHello, Verdict } from './hello.ts';
import { expectFrame, type TransportScope } from './scope.ts';
import { failedDialsBeforeWarning } from './transportLimits.ts';
import { type OnReply, WaitingCalls } from './waitingCalls.ts';
import { quote, type WarningKind } from './warnings.ts';

/**
 * - `dialling`: until the peer has answered our hello; calls wait for that
 * - `open`
 * - `backingOff`: calls are lost at once
 * - `ended`: for good
 */
type LinkState = 'dialling' | 'open' | 'backingOff' | 'ended';

/** A connection was lost for a reason that a person should know of at once. */
class LinkFault extends Error {
  override readonly name = 'LinkFault';
  readonly kind: WarningKind;

  constructor(kind: WarningKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export class PeerLink implements ConnectionOwner {
  readonly address: PeerAddress;
  readonly #peer: NodeId;
  readonly #scope: TransportScope;
  readonly #waiting = new WaitingCalls();
  #state: LinkState = 'backingOff';
  /** There while dialling and while open. */
  #connection: Connection | undefined;
  /** Of the handshake while dialling, of the pause while backing off. */
  #timer: NodeJS.Timeout | undefined;
  /** Connections in a row that came to nothing or did not last. */
  #failures = 0;
  /** ms on the clock of `performance.now()` */
  #openedAt = 0;
  /** The latest call at the time when the peer last gave a sign of life. */
  #lastIdAtSign = 0;
  #leftBytesAtSign = 0;

  constructor(peer: NodeId, address: PeerAddress, scope: TransportScope) {
    this.#peer = peer;
    this.address = address;
    this.#scope = scope;
    this.#dial();
  }

  call(payload: Payload, onReply: OnReply): void {
    const connection = this.#connection;
    const frameBytes = frameBytesOf(payload);
    if (connection === undefined || !this.#mayLeave(frameBytes) || !connection.hasRoomFor(frameBytes)) {
      this.#scope.lostCalls.add(onReply);
      return;
    }
    const id = this.#waiting.add(onReply, this.#scope.ticker.note());
    connection.send(FrameKind.request, id, payload, frameBytes);
  }

  /** The peer has just called us, so that there is no reason to wait any longer. */
  wake(): void {
    if (this.#state !== 'backingOff') return;
    clearTimeout(this.#timer);
    this.#dial();
  }

  /** Gives up overdue calls; true if others still wait. */
  sweep(tick: number): boolean {
    const lastOverdue = this.#waiting.giveUpOverdue(tick);
    if (this.#state === 'open' && this.#connection !== undefined) {
      const { queuedBytes, leftBytes } = this.#connection;
      // A large frame on a slow line: no reply can come yet, but its bytes are leaving.
      if (queuedBytes > 0 && leftBytes !== this.#leftBytesAtSign) this.#noteSignOfLife();
      // TCP alone would go on for minutes before it gave up a peer that has vanished.
      else if (lastOverdue !== undefined && lastOverdue > this.#lastIdAtSign) this.#dropSilent();
    }
    return this.#waiting.size > 0;
  }

  /** Ends the link; calls under way are lost. Settles when the socket is gone. */
  async end(): Promise<void> {
    const connection = this.#connection;
    this.#state = 'ended';
    clearTimeout(this.#timer);
    connection?.close();
    await connection?.gone;
  }

  onFrame(frame: Frame): void {
    if (this.#state === 'dialling') {
      this.#takeAnswer(frame);
      return;
    }
    expectFrame(frame, FrameKind.reply, this.#scope.me);
    this.#lastIdAtSign = this.#waiting.lastId;
    this.#waiting.settle(frame.callId, frame.payload);
  }

  onDrained(): void {}

  onClosed(cause: Error | undefined): void {
    const wasOpen = this.#state === 'open';
    clearTimeout(this.#timer);
    this.#connection = undefined;
    for (const onReply of this.#waiting.takeAll()) this.#scope.lostCalls.add(onReply);
    if (this.#state === 'ended') return;

    const { backOffMinMs, backOffMaxMs } = this.#scope.limits;
    // One that is lost as soon as it is made is no success: dialling it again must slow down, too.
    if (wasOpen && performance.now() - this.#openedAt >= backOffMaxMs) this.#failures = 0;
    this.#failures += 1;
    this.#state = 'backingOff';
    const pauseMs = backOffMs(this.#failures, this.#scope.random, backOffMinMs, backOffMaxMs);
    this.#timer = setTimeout(() => this.#dial(), pauseMs);
    // Last, since whoever hears the warning may end this link.
    this.#warnOfLoss(cause, wasOpen);
  }

  #dial(): void {
    const { me, limits } = this.#scope;
    this.#state = 'dialling';
    const socket = connect({
      host: this.address.host,
      port: this.address.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: limits.keepAliveMs,
    });
    const connection = new Connection(socket, this, me.group, limits.queuedBytesMax);
    this.#connection = connection;
    this.#timer = setTimeout(
      () => connection.close(new Error(`no hello came within ${limits.handshakeMs} ms`)),
      limits.handshakeMs,
    );
    connection.greet(encodeHello({ ...me, from: me.nodeId, to: this.#peer, verdict: Verdict.none }));
  }

  #takeAnswer(frame: Frame): void {
    const { me, limits } = this.#scope;
    const hello = decodeHello(frame);
    if (hello === undefined) throw new MalformedFrame('the answer to the hello is none');
    const verdict = judgeAnswer(hello, me, this.#peer);
    if (verdict !== Verdict.accepted) {
      const remote = formatAddress(this.address);
      const message = describeAnswer(verdict, hello, me, this.#peer, remote);
      this.#connection?.close(new LinkFault(warningKindOf(verdict), message));
      return;
    }
    clearTimeout(this.#timer);
    this.#state = 'open';
    this.#openedAt = performance.now();
    this.#connection?.open(limits.frameBytesMax);
    this.#noteSignOfLife();
  }

  #dropSilent(): void {
    const { callTimeoutMs } = this.#scope.limits;
    const who = `${quote(this.#peer)} at ${formatAddress(this.address)}`;
    const message = `${who} has said nothing for ${callTimeoutMs} ms, though asked. The connection was closed; it is tried again. See whether the node and the network are up.`;
    this.#connection?.close(new LinkFault('unreachable', message));
  }

  #noteSignOfLife(): void {
    this.#lastIdAtSign = this.#waiting.lastId;
    this.#leftBytesAtSign = this.#connection?.leftBytes ?? 0;
  }

  #mayLeave(frameBytes: number): boolean {
    const { limits, warnings } = this.#scope;
    if (frameBytes <= limits.frameBytesMax) return true;
    const remote = formatAddress(this.address);
    const message = `A request of ${frameBytes} bytes to ${quote(this.#peer)} was not sent: at most ${limits.frameBytesMax} bytes (frameBytesMax) are taken.`;
    warnings.warn('oversize', this.#peer, message, remote, this.#peer);
    return false;
  }

  #warnOfLoss(cause: Error | undefined, wasOpen: boolean): void {
    const { warnings } = this.#scope;
    const remote = formatAddress(this.address);
    const who = `${quote(this.#peer)} at ${remote}`;
    let kind: WarningKind = 'unreachable';
    let message: string;
    if (cause instanceof LinkFault) {
      kind = cause.kind;
      message = cause.message;
    } else if (cause instanceof MalformedFrame && wasOpen) {
      kind = cause.isOversize ? 'oversize' : 'garbage';
      message = `${who} sent what cannot be read: ${cause.message}. The connection was closed; it is tried again. Run the same release, with the same limits, on all nodes.`;
    } else if (cause instanceof MalformedFrame) {
      kind = 'garbage';
      message = `What answers for ${who} is no node: ${cause.message}. The connection was closed; it is tried again. Correct the address of ${quote(this.#peer)}.`;
    } else {
      if (this.#failures < failedDialsBeforeWarning) return;
      const why = cause?.message ?? 'the connection was closed at the other end';
      message = `${who} cannot be reached: ${why}. It is tried again. If it is running, correct its address.`;
    }
    warnings.warn(kind, this.#peer, message, remote, this.#peer);
  }
}
