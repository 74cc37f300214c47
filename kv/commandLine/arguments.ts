/** Reads the values of options; commander puts the option and the value before what is thrown here. */
import { InvalidArgumentError } from 'commander';
import type { NodeId } from '../../machines/configuration.ts';
import type { PeerAddress } from '../../runtime/transport/address.ts';

const portMax = 65_535;

const howToWriteAddress =
  'Write HOST:PORT with a port from 1 to 65535, such as 127.0.0.1:7001 or [::1]:7001.';

/**
 * @param portMin 0 where any free port will do
 * @throws InvalidArgumentError
 */
export function readAddress(text: string, portMin = 1): PeerAddress {
  const parts = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]\s=,]+)):(\d{1,5})$/i.exec(text.trim());
  const host = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (host === undefined || port < portMin || port > portMax)
    throw new InvalidArgumentError(howToWriteAddress);
  return { host, port };
}

/** An address to listen on; port 0: any that is free. */
export function readListenAddress(text: string): PeerAddress {
  return readAddress(text, 0);
}

export function readAddresses(text: string): PeerAddress[] {
  return text.split(',').map((part) => readAddress(part));
}

/** `n1=HOST:PORT,n2=HOST:PORT`: where each member listens for its peers. */
export function readPeers(text: string): Record<NodeId, PeerAddress> {
  const peers = new Map<NodeId, PeerAddress>();
  for (const part of text.split(',')) {
    const [, id, address] = /^\s*([^\s=,]+)=(.+)$/.exec(part) ?? [];
    if (id === undefined || address === undefined) {
      throw new InvalidArgumentError(
        `"${part}" is no peer: write ID=HOST:PORT for each, with commas between.`,
      );
    }
    if (peers.has(id))
      throw new InvalidArgumentError(`"${id}" is there twice: give each peer an id of its own.`);
    peers.set(id, readPeerAddress(part, address));
  }
  return Object.fromEntries(peers);
}

function readPeerAddress(part: string, address: string): PeerAddress {
  try {
    return readAddress(address);
  } catch {
    throw new InvalidArgumentError(`"${part}" has no valid address. ${howToWriteAddress}`);
  }
}

/** A reader of whole numbers from `min` to `max`. */
export function integerReader(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

/** A reader of names that end up in files and on the wire. */
export function readName(text: string): string {
  if (/^[^\s=,]+$/.test(text)) return text;
  throw new InvalidArgumentError('Give a name without blanks, commas and equals signs, such as n1.');
}
