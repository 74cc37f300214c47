/** Frames for one who looks, as server-sent events. A browser that cannot keep up gets fewer frames, and every event. */
import type { ServerResponse } from 'node:http';
import type { ClusterEvent, ClusterFrame } from '../../runtime/observation/clusterFrame.ts';

/** What may wait for a browser: a few frames. Bytes. */
const unsentBytesMax = 1024 * 1024;

/** Events that a browser is told of after it was too slow for a while; older ones it misses. */
const missedEventsMax = 1000;

export class FrameStream {
  readonly #response: ServerResponse;
  #missed: readonly ClusterEvent[];

  /** @param past what it is told of first */
  constructor(response: ServerResponse, past: readonly ClusterEvent[]) {
    this.#response = response;
    this.#missed = past;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  send(frame: ClusterFrame): void {
    const events = this.#missed.length > 0 ? [...this.#missed, ...frame.events] : frame.events;
    if (this.#response.writableLength > unsentBytesMax) {
      this.#missed = events.slice(-missedEventsMax);
      return;
    }
    this.#missed = [];
    this.#response.write(`data: ${JSON.stringify({ ...frame, events })}\n\n`);
  }
}
