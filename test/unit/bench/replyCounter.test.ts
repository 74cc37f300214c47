import { expect } from 'chai';
import { ReplyCounter } from '../../bench/load/replyCounter.ts';

/** What it has seen, when the bytes come in chunks of this size. */
function count(text: string, chunkBytes: number): { replies: number; errors: string[] } {
  const seen = { replies: 0, errors: [] as string[] };
  const counter = new ReplyCounter(
    () => {
      seen.replies += 1;
    },
    (message) => seen.errors.push(message),
  );
  const bytes = Buffer.from(text);
  // One buffer for all chunks, as a socket has it: what is behind the end is old.
  const buffer = Buffer.alloc(chunkBytes, '\n');
  for (let at = 0; at < bytes.byteLength; at += chunkBytes)
    counter.take(buffer, bytes.copy(buffer, 0, at, at + chunkBytes));
  return seen;
}

describe('the counter of replies', () => {
  const replies = '+OK\r\n:12\r\n$5\r\na\r\n+b\r\n$0\r\n\r\n-ERR no\r\n+OK\r\n$-1\r\n+OK\r\n';

  it('counts replies and reads errors, wherever the bytes are cut', () => {
    for (let chunkBytes = 1; chunkBytes <= replies.length; chunkBytes += 1) {
      expect(count(replies, chunkBytes), `${chunkBytes} bytes at a time`).to.deep.equal({
        replies: 6,
        errors: ['ERR no', 'A key is missing.'],
      });
    }
  });

  it('takes for an error what is no reply', () => {
    expect(count('HTTP/1.1 400\r\n', 100).errors).to.deep.equal(['This is no reply: HTTP/1.1 400\r']);
  });
});
