/** Nothing checks who connects, so that a node listens where only its own machine can reach it. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { formatAddress, type PeerAddress } from '../../runtime/transport/address.ts';
import { CommandFailed } from './commandFailed.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The address with its host as a number, so that what is listened on is what was looked at.
 * @param option the one that gave the address, up to where the address begins
 * @throws CommandFailed if other machines could reach it, or if its name means nothing
 */
export async function requireLoopback(option: string, address: PeerAddress): Promise<PeerAddress> {
  const host = await resolve(option, address);
  if (loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')) return { host, port: address.port };
  throw new CommandFailed(
    `${option}${formatAddress(address)} can be reached from other machines, and nothing checks yet who connects: ` +
      `listen on 127.0.0.1:${address.port}.`,
  );
}

async function resolve(option: string, address: PeerAddress): Promise<string> {
  try {
    return (await lookup(address.host)).address;
  } catch {
    throw new CommandFailed(
      `${option}${formatAddress(address)}: no machine is known as ${address.host}. Listen on 127.0.0.1:${address.port}.`,
    );
  }
}
