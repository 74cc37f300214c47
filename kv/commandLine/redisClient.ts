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

/** The bytes of a string, a status or an integer; null for a nil; an array. */
export type RedisReply = Buffer | null | readonly RedisReply[];

/** @throws NoReply */
export function askRedisForReply(
  address: PeerAddress,
  command: readonly (string | Uint8Array)[],
  timeoutMs: number,
): Promise<RedisReply> {
  return new Promise((resolve, reject) => {
    const reader = new ReplyReader();
    const socket = connect({ host: address.host, port: address.port });
    let isConnected = false;
    const finish = (reply: RedisReply | NoReply): void => {
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
 * @returns what a string, a status or an integer says; null for a nil
 * @throws NoReply
 */
export async function askRedisForBytes(
  address: PeerAddress,
  command: readonly (string | Uint8Array)[],
  timeoutMs: number,
): Promise<Buffer | null> {
  const reply = await askRedisForReply(address, command, timeoutMs);
  if (reply === null || Buffer.isBuffer(reply)) return reply;
  throw new NoReply('lost', 'The reply is a list, and not one value.');
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
  /** Bytes that the reply has at least, as far as it is known. */
  #expected = 1;

  /** Undefined until the reply is complete. */
  take(chunk: Buffer): RedisReply | NoReply | undefined {
    this.#chunks.push(chunk);
    this.#received += chunk.byteLength;
    if (this.#received > replyBytesMax) return new NoReply('lost', 'The reply is too long.');
    // What is long is put together once.
    if (this.#received < this.#expected) return undefined;
    const received = Buffer.concat(this.#chunks);
    try {
      return readReply(received, 0).reply;
    } catch (error) {
      if (error instanceof NoReply) return error;
      if (!(error instanceof Incomplete)) throw error;
      this.#expected = Math.max(error.bytesAtLeast, received.byteLength + 1);
      return undefined;
    }
  }
}

/** The reply goes on behind what has been received. */
class Incomplete extends Error {
  readonly bytesAtLeast: number;
  constructor(bytesAtLeast: number) {
    super();
    this.bytesAtLeast = bytesAtLeast;
  }
}

/** @throws NoReply, Incomplete */
function readReply(received: Buffer, begin: number): { reply: RedisReply; end: number } {
  const lineEnd = received.indexOf(lineBreak, begin);
  if (lineEnd < 0) throw new Incomplete(received.byteLength + 1);
  const line = received.toString('utf8', begin + 1, lineEnd);
  let end = lineEnd + lineBreak.length;
  switch (received.toString('latin1', begin, begin + 1)) {
    case '+':
    case ':':
      return { reply: received.subarray(begin + 1, lineEnd), end };
    case '-':
      throw new NoReply('error', line);
    case '$': {
      const length = lengthFrom(line);
      if (length === -1) return { reply: null, end };
      const bytesEnd = end + length;
      if (received.byteLength < bytesEnd + lineBreak.length)
        throw new Incomplete(bytesEnd + lineBreak.length);
      return { reply: received.subarray(end, bytesEnd), end: bytesEnd + lineBreak.length };
    }
    case '*': {
      const items: RedisReply[] = [];
      for (let missing = lengthFrom(line); missing > 0; missing -= 1) {
        const item = readReply(received, end);
        items.push(item.reply);
        end = item.end;
      }
      return { reply: items, end };
    }
    default:
      throw new NoReply('lost', `What answers there is no Redis: ${line}.`);
  }
}

function lengthFrom(line: string): number {
  const length = Number(line);
  if (length >= -1) return length;
  throw new NoReply('lost', `The length of the reply makes no sense: ${line}.`);
}
