/** Keeps an answer short enough to be sent: a clerk asks again for the replies that are left out. */
import { answerBytesMax } from './limits.ts';
import { KvError, type Reply } from './operation.ts';

/** What a reply of no bytes takes: its kind, a length, or the sentence of an error. */
const replyBytesExtra = 16;

/** In place of a reply that has no room; a read is done again then, and a command's reply is remembered in its session. */
export const leftOut = new KvError('LEFTOUT', 'The answer was full: ask again.');

/** The replies, as far as there is room for them, in their order. */
export function boundAnswer(replies: readonly Reply[]): readonly Reply[] {
  let bytes = 0;
  for (const reply of replies) bytes += sizeOf(reply);
  if (bytes <= answerBytesMax) return replies;
  bytes = 0;
  return replies.map((reply) => {
    const size = sizeOf(reply);
    // Also when asked for alone.
    const sent = size > answerBytesMax ? tooLong(size) : reply;
    // What follows one that is left out is left out, too: replies come in order.
    bytes += sizeOf(sent);
    return bytes > answerBytesMax ? leftOut : sent;
  });
}

function tooLong(bytes: number): KvError {
  return new KvError(
    'Err',
    `a reply of ${bytes} bytes is over the limit of ${answerBytesMax}: ask for fewer keys`,
  );
}

/** About what it takes in an answer. */
function sizeOf(reply: Reply): number {
  if (reply instanceof Uint8Array) return reply.byteLength + replyBytesExtra;
  if (!Array.isArray(reply)) return replyBytesExtra;
  let bytes = replyBytesExtra;
  for (const item of reply) bytes += sizeOf(item);
  return bytes;
}
