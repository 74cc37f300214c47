/**
 * Stands between a node and its transport, for those who look at what passes and those who try out what a broken link
 * does. While nobody looks and nothing is cut, everything passes as if it were not there.
 */
import type { NodeId } from '../../machines/configuration.ts';
import type { Payload } from './frame.ts';
import type { Reply } from './incoming.ts';
import type { TcpClient } from './tcpTransport.ts';
import type { OnReply } from './waitingCalls.ts';

/** Hears of a call when it is made. What it gives back hears of the end: undefined is lost. */
export type OnCall = (peer: NodeId, payload: Payload) => OnReply | undefined;

const dropped: Reply = () => {};

export class LinkTap {
  /** To whom nothing gets. */
  readonly #cut = new Set<NodeId>();
  #onCall: OnCall | undefined;

  /** From now on tells of every call; undefined: of none. */
  listen(onCall: OnCall | undefined): void {
    this.#onCall = onCall;
  }

  /** Neither requests nor replies get from this node to `peer`; what comes from there is heard all the same. */
  setCut(peer: NodeId, isCut: boolean): void {
    if (isCut) this.#cut.add(peer);
    else this.#cut.delete(peer);
  }

  /** As the transport's own. */
  call(transport: Pick<TcpClient, 'call'>, peer: NodeId, payload: Payload, onReply: OnReply): void {
    const onEnd = this.#onCall?.(peer, payload);
    if (this.#cut.has(peer)) {
      setImmediate(() => {
        onEnd?.(undefined);
        onReply(undefined);
      });
    } else if (onEnd) {
      transport.call(peer, payload, (reply) => {
        onEnd(reply);
        onReply(reply);
      });
    } else transport.call(peer, payload, onReply);
  }

  /** The way back to a peer that has asked. */
  replyTo(peer: NodeId, reply: Reply): Reply {
    return this.#cut.has(peer) ? dropped : reply;
  }
}
