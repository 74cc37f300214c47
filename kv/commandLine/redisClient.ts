/** As much of a Redis client as the command line needs: one command, one reply, on a connection of its own. */
import { connect } from 'node:net';
import type { PeerAddress } from '../../runtime/transport/address.ts';

/** Nobody answers there, or not in time, or not as Redis would, or with an error. */
export class NoReply extends Error {
  readonly code = 'NoReply';
  override readonly name = 'NoReply';
}

/** Far above what INFO needs. */
const replyBytesMax = 64 * 1024;

/**
 * @returns what a string, a status or an integer says
 * @throws NoReply
 */
export function askRedis(
  address: PeerAddress,
  command: readonly string[],
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ host: address.host, port: address.port });
    const finish = (reply: string | NoReply): void => {
      clearTimeout(timer);
      socket.destroy();
      if (reply instanceof NoReply) reject(reply);
      else resolve(reply);
    };
    const timer = setTimeout(() => finish(new NoReply(`No reply came within ${timeoutMs} ms.`)), timeoutMs);
    // A character for each byte: lengths are counted in bytes.
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      received += chunk;
      const reply = readReply(received);
      if (reply !== undefined) finish(reply);
    });
    socket.on('end', () => finish(new NoReply('The connection was closed before the reply.')));
    socket.on('error', (error) => finish(new NoReply(error.message)));
    const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
    socket.write(`*${parts.length}\r\n${parts.join('')}`);
  });
}

/** Undefined until it is complete. */
function readReply(received: string): string | NoReply | undefined {
  if (received.length > replyBytesMax) return new NoReply('The reply is too long.');
  const end = received.indexOf('\r\n');
  if (end < 0) return undefined;
  const line = received.slice(1, end);
  switch (received[0]) {
    case '+':
    case ':':
      return line;
    case '$': {
      const begin = end + 2;
      const length = Number(line);
      if (!(length >= 0)) return new NoReply('The reply is empty.');
      if (received.length < begin + length + 2) return undefined;
      return Buffer.from(received.slice(begin, begin + length), 'latin1').toString();
    }
    default:
      return new NoReply(line);
  }
}
