/** The links to all peers, as they come and go. */
import type { NodeId } from '../../machines/configuration.ts';
import type { Peers } from './acceptor.ts';
import type { PeerAddress } from './address.ts';
import type { Payload } from './frame.ts';
import { PeerLink } from './peerLink.ts';
import type { TransportScope } from './scope.ts';
import type { OnReply } from './waitingCalls.ts';

export class PeerLinks implements Peers {
  readonly #scope: TransportScope;
  readonly #links = new Map<NodeId, PeerLink>();
  /** Links whose sockets are not gone yet. */
  readonly #ending = new Set<Promise<void>>();

  constructor(scope: TransportScope) {
    this.#scope = scope;
  }

  call(peer: NodeId, payload: Payload, onReply: OnReply): void {
    const link = this.#links.get(peer);
    if (link === undefined) this.#scope.lostCalls.add(onReply);
    else link.call(payload, onReply);
  }

  set(peer: NodeId, address: PeerAddress | undefined): void {
    const link = this.#links.get(peer);
    if (link !== undefined) {
      if (address !== undefined && isSame(link.address, address)) return;
      this.#links.delete(peer);
      const ending = link.end().then(() => {
        this.#ending.delete(ending);
      });
      this.#ending.add(ending);
    }
    if (address !== undefined) this.#links.set(peer, new PeerLink(peer, address, this.#scope));
  }

  isPeer(id: NodeId): boolean {
    return this.#links.has(id);
  }

  onPeerCalled(id: NodeId): void {
    this.#links.get(id)?.wake();
  }

  /** Gives up overdue calls; true if others still wait. */
  sweep(tick: number): boolean {
    let somethingWaits = false;
    for (const link of this.#links.values()) somethingWaits = link.sweep(tick) || somethingWaits;
    return somethingWaits;
  }

  /** Settles when no socket is left. */
  async close(): Promise<void> {
    for (const peer of [...this.#links.keys()]) this.set(peer, undefined);
    await Promise.all(this.#ending);
  }
}

function isSame(a: PeerAddress, b: PeerAddress): boolean {
  return a.host === b.host && a.port === b.port;
}
