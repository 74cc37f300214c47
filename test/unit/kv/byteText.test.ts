/** Keys and values as the page shows them, and as somebody types them. */
import { expect } from 'chai';
import fc from 'fast-check';
import { bytesOfText, textOfBytes } from '../../../kv/page/byteText.ts';

describe('bytes as text', () => {
  it('come back from their text unchanged, whatever they are', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        expect([...bytesOfText(textOfBytes(given))]).to.deep.equal([...given]);
      }),
      { seed: 7, numRuns: 1000 },
    );
  });

  it('can be read', () => {
    expect(textOfBytes(Buffer.from('grüße, 世界 🙂'))).to.equal('grüße, 世界 🙂');
    expect(textOfBytes(Buffer.from('a\\b\n\0\u2028'))).to.equal('a\\\\b\\n\\x00\\xe2\\x80\\xa8');
    expect(textOfBytes(Uint8Array.of(0x61, 0xff, 0xe4, 0xb8))).to.equal('a\\xff\\xe4\\xb8');
  });

  it('are refused where an escape is none', () => {
    for (const text of ['\\', 'a\\', '\\q', '\\x', '\\x1', '\\xgg']) {
      expect(() => bytesOfText(text), text).to.throw(/is no escape: write/);
    }
  });
});
