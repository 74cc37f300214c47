/**
 * Messages of a real cluster are under way for less than anyone can see. They are shown slower: each reply once its
 * request has been seen to arrive, and of many alike at one moment only some.
 */
import type { ClusterFrame, MessageFrame } from '../../runtime/observation/clusterFrame.ts';

/** How long a message is shown, ms. */
const flightMs = 320;
/** Messages from one node to another that set out in one frame, and all that are shown at once. */
const ofLinkMax = 2;
const shownMax = 60;

export class LiveFlights {
  /** In the order in which they set out. */
  #shown: MessageFrame[] = [];
  /** When a request is seen to arrive, by its id. */
  readonly #arrivals = new Map<string, number>();

  /** The frame with the messages that are to be seen in it. */
  slowDown(frame: ClusterFrame): ClusterFrame {
    const { time } = frame;
    this.#shown = this.#shown.filter(({ arrivesAt }) => arrivesAt > time);
    for (const [id, arrivesAt] of this.#arrivals) if (arrivesAt + flightMs < time) this.#arrivals.delete(id);
    const ofLink = new Map<string, number>();
    for (const message of byInterest(frame.messages)) {
      const link = `${message.from} ${message.to}`;
      const count = ofLink.get(link) ?? 0;
      if (count >= ofLinkMax || this.#shown.length >= shownMax) continue;
      const sentAt = message.isReply ? this.#arrivals.get(requestOf(message)) : time;
      if (sentAt === undefined) continue;
      ofLink.set(link, count + 1);
      const slow = { ...message, sentAt, arrivesAt: sentAt + flightMs };
      this.#shown.push(slow);
      if (!message.isReply) this.#arrivals.set(message.id, slow.arrivesAt);
    }
    return { ...frame, messages: this.#shown.filter(({ sentAt }) => sentAt <= time) };
  }
}

/** Votes and entries before heartbeats; requests before what answers them. */
function byInterest(messages: readonly MessageFrame[]): MessageFrame[] {
  const rank = ({ kind, carries, isReply }: MessageFrame): number =>
    (isReply ? 2 : 0) + (carries || !kind.startsWith('appendEntries') ? 0 : 1);
  return [...messages].sort((a, b) => rank(a) - rank(b));
}

function requestOf({ id }: MessageFrame): string {
  return id.replace(/:reply$/, '');
}
