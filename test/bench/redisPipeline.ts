/** A client that sends SETs without waiting for each reply, so that the node is what takes the time. */
import { connect, type Socket } from 'node:net';

/** A reply is a line; one that begins with a minus is an error. */
const [lineFeed, minus] = [0x0a, 0x2d];
/** Commands in one piece, and pieces that are under way: few enough that they are not the longest turn themselves. */
const pieceCommands = 50;
const piecesMax = 8;

export class RedisPipeline {
  readonly #socket: Socket;
  #heard: ((bytes: Buffer) => void) | undefined;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#heard?.(bytes));
    this.#socket.on('error', (error) => {
      throw error;
    });
  }

  /** Sets `count` keys, the one of each place by `keyAt`, to values of `valueBytes`; how many were refused. */
  set(count: number, keyAt: (place: number) => string, valueBytes: number): Promise<number> {
    return new Promise((resolve) => {
      let sent = 0;
      let confirmed = 0;
      let refused = 0;
      const send = () => {
        while (sent < count && sent - confirmed < pieceCommands * piecesMax) {
          const end = Math.min(sent + pieceCommands, count);
          let piece = '';
          for (; sent < end; sent += 1) piece += setCommand(keyAt(sent), paddedTo(sent, valueBytes));
          this.#socket.write(piece, 'latin1');
        }
      };
      this.#heard = (bytes) => {
        for (const byte of bytes) {
          if (byte === lineFeed) confirmed += 1;
          else if (byte === minus) refused += 1;
        }
        if (confirmed === count) resolve(refused);
        else send();
      };
      send();
    });
  }

  /** The reply to one command, as it came. */
  ask(...words: readonly string[]): Promise<string> {
    return new Promise((resolve) => {
      this.#heard = (bytes) => resolve(bytes.toString('latin1'));
      this.#socket.write(commandOf(words), 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}

function setCommand(key: string, value: string): string {
  return commandOf(['SET', key, value]);
}

function commandOf(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

function paddedTo(place: number, bytes: number): string {
  return String(place).padEnd(bytes, 'v').slice(0, bytes);
}
