/** The streams of one node, as machines/streams.ts declares them. */
import { Subject } from 'rxjs';
import type { Streams } from '../machines/streams.ts';

export function makeStreams(): Streams {
  return {
    appended$: new Subject(),
    durable$: new Subject(),
    matched$: new Subject(),
    committed$: new Subject(),
    readConfirmed$: new Subject(),
    apply$: new Subject(),
  };
}

export function completeStreams(streams: Streams): void {
  for (const stream of Object.values(streams)) stream.complete();
}
