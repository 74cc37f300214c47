/**
 * Messages between the nodes of a cluster over TCP: requests with replies, as opaque bytes. Each node dials each peer
 * and asks on the connection that it has dialled; replies come back on the same one.
 */
import type { NodeId } from '../../machines/configuration.ts';
import type { Random } from '../../machines/ports.ts';
import { Acceptor } from './acceptor.ts';
import type { PeerAddress } from './address.ts';
import type { Payload } from './frame.ts';
import { isName, Role } from './hello.ts';
import { clientPrefix, type OnRequest } from './incoming.ts';
import { LostCalls } from './lostCalls.ts';
import { PeerLinks } from './peerLinks.ts';
import type { TransportScope } from './scope.ts';
import { Ticker } from './ticker.ts';
import { defaultTransportLimits, groupMax, nameBytesMax, type TransportLimits } from './transportLimits.ts';
import type { OnReply } from './waitingCalls.ts';
import { type OnWarning, quote, Warnings } from './warnings.ts';

export interface TcpClientOptions {
  /** Ends of different clusters refuse each other; at most 255 bytes of UTF-8, as all names. */
  readonly clusterId: string;
  /** This node, or a name for this client. */
  readonly nodeId: NodeId;
  /** The Raft group, 0 to 65535; 0 unless given. */
  readonly group?: number;
  /** Where the others listen, without this node. */
  readonly peers: Readonly<Record<NodeId, PeerAddress>>;
  /** Spreads the times at which lost peers are dialled again. */
  readonly random: Random;
  /** Gets one line for each thing that a person should know of. */
  readonly onWarning?: OnWarning;
  readonly limits?: Partial<TransportLimits>;
}

export interface TcpTransportOptions extends TcpClientOptions {
  /** Where to listen; port 0: any free one. */
  readonly listen: PeerAddress;
  readonly onRequest: OnRequest;
}

export interface TcpClient {
  /**
   * Sends a request. `onReply` is called once, never from inside `call`, with the reply or with undefined: the peer is
   * not connected or not known, its queue is full, the connection was lost, or no reply came within `callTimeoutMs`.
   * In all but the first two cases the request may have been served. The payload must not change after the call; that
   * of the reply is never written again, and a small one keeps up to 64 KiB around it alive.
   */
  call(peer: NodeId, payload: Payload, onReply: OnReply): void;
  /** Where a peer is from now on; undefined: it is no peer any more. */
  setPeer(peer: NodeId, address: PeerAddress | undefined): void;
  /** Settles when no socket and no timer is left and all calls under way are answered. */
  close(): Promise<void>;
}

export interface TcpTransport extends TcpClient {
  /** Where this node listens. */
  readonly address: PeerAddress;
}

/** A name or a group that no hello can carry. */
export class InvalidTransportOptions extends Error {
  readonly code = 'InvalidTransportOptions';
  override readonly name = 'InvalidTransportOptions';
}

/**
 * Listens, then dials all peers.
 * @throws PortInUse, CannotListen, InvalidTransportOptions
 */
export async function openTcpTransport(options: TcpTransportOptions): Promise<TcpTransport> {
  const transport = new Transport(options, Role.node);
  const address = await transport.listen(options.listen, options.onRequest);
  transport.dialAll(options.peers);
  return {
    address,
    call: (peer, payload, onReply) => transport.call(peer, payload, onReply),
    setPeer: (peer, peerAddress) => transport.setPeer(peer, peerAddress),
    close: () => transport.close(),
  };
}

/**
 * Dials members of a cluster without being one: they know the caller as `client:` and its `nodeId`, which need not be
 * unique. A call made while the first dial is under way waits for it.
 * @throws InvalidTransportOptions
 */
export function openTcpClient(options: TcpClientOptions): TcpClient {
  const transport = new Transport(options, Role.client);
  transport.dialAll(options.peers);
  return transport;
}

class Transport implements TcpClient {
  readonly #scope: TransportScope;
  readonly #links: PeerLinks;
  #acceptor: Acceptor | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: TcpClientOptions, role: Role) {
    const { clusterId, nodeId, group = 0, random, onWarning = () => {} } = options;
    for (const name of [clusterId, nodeId, ...Object.keys(options.peers)]) checkName(name);
    if (!Number.isInteger(group) || group < 0 || group > groupMax) {
      throw new InvalidTransportOptions(
        `The group ${group} is no integer from 0 to ${groupMax}: choose one.`,
      );
    }
    const limits = { ...defaultTransportLimits, ...options.limits };
    this.#scope = {
      me: { clusterId, nodeId, group, role },
      limits,
      random,
      warnings: new Warnings(onWarning, limits.warningEveryMs, () => performance.now()),
      ticker: new Ticker(limits.callTimeoutMs, (tick) => this.#sweep(tick)),
      lostCalls: new LostCalls(),
    };
    this.#links = new PeerLinks(this.#scope);
  }

  async listen(address: PeerAddress, onRequest: OnRequest): Promise<PeerAddress> {
    const acceptor = new Acceptor(this.#scope, this.#links, onRequest);
    const bound = await acceptor.listen(address);
    this.#acceptor = acceptor;
    return bound;
  }

  dialAll(peers: Readonly<Record<NodeId, PeerAddress>>): void {
    for (const [peer, address] of Object.entries(peers)) this.#links.set(peer, address);
  }

  call(peer: NodeId, payload: Payload, onReply: OnReply): void {
    this.#links.call(peer, payload, onReply);
  }

  setPeer(peer: NodeId, address: PeerAddress | undefined): void {
    checkName(peer);
    if (this.#closed !== undefined) return;
    this.#links.set(peer, address);
    if (address === undefined) this.#acceptor?.forget(peer);
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    this.#scope.ticker.stop();
    await Promise.all([this.#links.close(), this.#acceptor?.close()]);
    // Immediates run in order: behind this one, the callers of lost calls have been told.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #sweep(tick: number): boolean {
    const callsWait = this.#links.sweep(tick);
    const requestsWait = this.#acceptor?.sweep(tick) ?? false;
    return callsWait || requestsWait;
  }
}

function checkName(name: string): void {
  if (isName(name) && !name.startsWith(clientPrefix)) return;
  throw new InvalidTransportOptions(
    `The name ${quote(name)} cannot be used: give it 1 to ${nameBytesMax} bytes of UTF-8 that do not begin with "${clientPrefix}".`,
  );
}
