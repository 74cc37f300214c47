/** As much of a Redis client as the command line needs: one command, one reply, on a connection of its own. */
import { connect } from 'node:net';
import type { PeerAddress } from '../../runtime/transport/address.ts';

/**
 * - `unreachable`: nobody answers there, so that nothing was asked
 * - `lost`: the reply did not come, or makes no sense: the command may have taken effect
 * - `error`: the message is the error that was replied
 */
export type NoReplyKind = 'unreachable' | 'lost' | 'error';

/** Nobody answers there, or not in time, or not as Redis would, or with an error. */
export class NoReply extends Error {
  readonly code = 'NoReply';
  override readonly name = 'NoReply';
  readonly kind: NoReplyKind;
  constructor(kind: NoReplyKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Far above the longest value that a node takes. */
const replyBytesMax = 128 * 1024 * 1024;

const lineBreak = '\r\n';

/**
 * @returns the bytes of a string, a status or an integer; null for a nil
 * @throws NoReply
 */
export function askRedisForBytes(
  address: PeerAddress,
  command: readonly (string | Uint8Array)[],
  timeoutMs: number,
): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const reader = new ReplyReader();
    const socket = connect({ host: address.host, port: address.port });
    let isConnected = false;
    const finish = (reply: Buffer | null | NoReply): void => {
      clearTimeout(timer);
      socket.destroy();
      if (reply instanceof NoReply) reject(reply);
      else resolve(reply);
    };
    const fail = (message: string): void =>
      finish(new NoReply(isConnected ? 'lost' : 'unreachable', message));
    const timer = setTimeout(() => fail(`No reply came within ${timeoutMs} ms.`), timeoutMs);
    socket.on('connect', () => {
      isConnected = true;
      socket.write(encode(command));
    });
    socket.on('data', (chunk) => {
      const reply = reader.take(chunk);
      if (reply !== undefined) finish(reply);
    });
    socket.on('end', () => fail('The connection was closed before the reply.'));
    socket.on('error', (error) => fail(error.message));
  });
}

/**
 * @returns what a string, a status or an integer says
 * @throws NoReply
 */
export async function askRedis(
  address: PeerAddress,
  command: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const reply = await askRedisForBytes(address, command, timeoutMs);
  if (reply === null) throw new NoReply('error', 'The reply is empty.');
  return reply.toString();
}

function encode(command: readonly (string | Uint8Array)[]): Buffer {
  const parts = command.flatMap((word) => {
    const bytes = Buffer.from(word);
    return [Buffer.from(`$${bytes.byteLength}${lineBreak}`), bytes, Buffer.from(lineBreak)];
  });
  return Buffer.concat([Buffer.from(`*${command.length}${lineBreak}`), ...parts]);
}

class ReplyReader {
  readonly #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the whole reply, once they are known. */
  #expected = 1;

  /** Undefined until the reply is complete. */
  take(chunk: Buffer): Buffer | null | NoReply | undefined {
    this.#chunks.push(chunk);
    this.#received += chunk.byteLength;
    if (this.#received > replyBytesMax) return new NoReply('lost', 'The reply is too long.');
    // What is long is put together once.
    return this.#received < this.#expected ? undefined : this.#read(Buffer.concat(this.#chunks));
  }

  #read(received: Buffer): Buffer | null | NoReply | undefined {
    const end = received.indexOf(lineBreak);
    if (end < 0) return undefined;
    const line = received.toString('utf8', 1, end);
    switch (received.toString('latin1', 0, 1)) {
      case '+':
      case ':':
        return received.subarray(1, end);
      case '-':
        return new NoReply('error', line);
      case '$': {
        const begin = end + lineBreak.length;
        const length = Number(line);
        if (length === -1) return null;
        if (!(length >= 0)) return new NoReply('lost', `The length of the reply makes no sense: ${line}.`);
        this.#expected = begin + length + lineBreak.length;
        return received.byteLength < this.#expected ? undefined : received.subarray(begin, begin + length);
      }
      default:
        return new NoReply('lost', `What answers there is no Redis: ${line}.`);
    }
  }
}
