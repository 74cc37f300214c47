/** Remembers the calls of a node and their replies, from one look to the next; of very many only the first. */
import type { NodeId } from '../../machines/configuration.ts';
import { decode, type Message } from '../codec.ts';
import type { Payload } from '../transport/frame.ts';
import type { LinkTap } from '../transport/linkTap.ts';
import type { MessageFrame } from './clusterFrame.ts';
import { messageFrame } from './messageFrame.ts';

/** More between two looks nobody can tell apart. */
const callsMax = 32;

/** Messages longer than this are not looked into for what they say. Bytes. */
const readBytesMax = 256 * 1024;

/** How long a message takes that no answer tells it of, ms. */
const guessedHopMs = 1;

const noEntries = { firstIndex: 0, count: 0, bytes: new Uint8Array(0) };

export class CallWatch {
  readonly #me: NodeId;
  readonly #links: LinkTap;
  readonly #now: () => number;
  #messages: MessageFrame[] = [];
  #calls = 0;
  /** Of all calls, for ids. */
  #count = 0;

  /** @param now in ms */
  constructor(me: NodeId, links: LinkTap, now: () => number) {
    this.#me = me;
    this.#links = links;
    this.#now = now;
    links.listen((peer, payload) => this.#called(peer, payload));
  }

  /** Those since it was last asked. */
  take(): MessageFrame[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#calls = 0;
    return messages;
  }

  close(): void {
    this.#links.listen(undefined);
  }

  #called(peer: NodeId, payload: Payload) {
    this.#count += 1;
    this.#calls += 1;
    if (this.#calls > callsMax) return undefined;
    const id = `${this.#me}:${this.#count}`;
    const sentAt = this.#now();
    const place = this.#messages.length;
    const request = frameOf(
      { id, from: this.#me, to: peer, sentAt, arrivesAt: sentAt + guessedHopMs },
      payload,
    );
    if (!request) return undefined;
    this.#messages.push(request);
    const messages = this.#messages;
    return (reply: Uint8Array | undefined): void => {
      if (!reply) return;
      const answeredAt = this.#now();
      // Half of the time there and back; the work in between is not told apart.
      const turnedAt = (sentAt + answeredAt) / 2;
      // One that was told of before is not told of again.
      if (messages === this.#messages) messages[place] = { ...request, arrivesAt: turnedAt };
      const way = { id: `${id}:reply`, from: peer, to: this.#me, sentAt: turnedAt, arrivesAt: answeredAt };
      const answer = frameOf(way, reply);
      if (answer && this.#messages.length < 2 * callsMax) this.#messages.push(answer);
    };
  }
}

/** Undefined: it cannot be read, or is too long. */
function frameOf(
  way: Pick<MessageFrame, 'id' | 'from' | 'to' | 'sentAt' | 'arrivesAt'>,
  payload: Payload,
): MessageFrame | undefined {
  const parts = payload instanceof Uint8Array ? [payload] : payload;
  const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
  if (bytes > readBytesMax) return undefined;
  let message: Message;
  try {
    message = decode(Buffer.concat(parts));
  } catch {
    return undefined;
  }
  if (message.type !== 'appendEntries' || message.entries.count === 0)
    return messageFrame(way, message, undefined);
  // Which entries they are is enough: reading them all would keep the node from its work.
  const { firstIndex, count } = message.entries;
  const frame = messageFrame(way, { ...message, entries: noEntries }, undefined);
  const which = count === 1 ? `entry ${firstIndex}` : `entries ${firstIndex} to ${firstIndex + count - 1}`;
  return { ...frame, carries: true, text: `I lead term ${message.term}. Here is ${which}.` };
}
