/** What the front knows of a client besides its socket. */
import type { Subscriptions } from './subscriptions.ts';
import type { ProtocolVersion } from './writer.ts';

export interface Client {
  /** Never used twice by one front. */
  readonly id: number;
  /** Its own address, and the one that it connected to. */
  readonly address: string;
  readonly localAddress: string;
  /** ms since the epoch */
  readonly connectedAt: number;
  lastReadAt: number;
  protocol: ProtocolVersion;
  /** As it calls itself; empty if it does not. */
  name: string;
  libraryName: string;
  libraryVersion: string;
  readonly subscriptions: Subscriptions;
  /** The connection ends behind the reply that is being given. */
  isLeaving: boolean;
}

/** What is forgotten on RESET. */
export function resetClient(client: Client): void {
  client.protocol = 2;
  client.name = '';
  client.subscriptions.clear();
}

/** In RESP2 nothing tells a message from a reply: a subscriber may not ask for any. */
export function isConfined({ protocol, subscriptions }: Client): boolean {
  return protocol === 2 && subscriptions.size > 0;
}

/** A client as a warning names it. */
export function nameClient({ address, name, libraryName }: Client): string {
  const own = name === '' ? '' : ` "${name}"`;
  return `${address}${own}${libraryName === '' ? '' : ` (${libraryName})`}`;
}

/** A line of CLIENT LIST. */
export function describeClient(client: Client, now: number): string {
  const { channels, patterns, size } = client.subscriptions;
  const seconds = (since: number): number => Math.max(0, Math.floor((now - since) / 1000));
  return [
    `id=${client.id} addr=${client.address} laddr=${client.localAddress} fd=-1 name=${client.name}`,
    `age=${seconds(client.connectedAt)} idle=${seconds(client.lastReadAt)} flags=${size > 0 ? 'P' : 'N'} db=0`,
    `sub=${channels} psub=${patterns} ssub=0 multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0`,
    'obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client user=default redir=-1',
    `resp=${client.protocol} lib-name=${client.libraryName} lib-ver=${client.libraryVersion}`,
  ].join(' ');
}
