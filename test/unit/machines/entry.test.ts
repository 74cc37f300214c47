/** An entry as bytes: every field in its place, up to its greatest value. */
import { expect } from 'chai';
import {
  type Entry,
  EntryKind,
  entryHeaderBytes,
  entryOffsets,
  readEntry,
  readEntryTerm,
  writeEntry,
} from '../../../machines/entry.ts';
import { indexMax } from '../../../machines/limits.ts';

const payload = new Uint8Array([1, 2, 255]);

describe('an entry', () => {
  it('is read as it was written, whatever its numbers', () => {
    for (const index of [1, 0xffff_ffff, 0x1_0000_0000, 0xabcd_ef01_2345, indexMax]) {
      const entry: Entry = { index, term: index - 1, kind: EntryKind.session, service: 0xfedc, payload };
      const bytes = new Uint8Array(entryHeaderBytes + payload.byteLength + 5).fill(0x55);
      expect(writeEntry(bytes, 5, entry)).to.equal(bytes.byteLength);
      expect(readEntry(bytes, 5)).to.deep.equal(entry);
      expect(readEntryTerm(bytes, 5)).to.equal(index - 1);
      expect(entryOffsets(bytes.subarray(5), index)).to.deep.equal([0]);
    }
  });

  it('has the bytes that its format says', () => {
    const entry: Entry = {
      index: 0x0605_0403_0201,
      term: 0x0c0b_0a09_0807,
      kind: 2,
      service: 0x0e0d,
      payload,
    };
    const bytes = new Uint8Array(entryHeaderBytes + payload.byteLength).fill(0x55);
    writeEntry(bytes, 0, entry, 0x100f);
    const [length, version, kind, group] = [[27, 0, 0, 0], [1], [2], [0x0f, 0x10]];
    const service = [0x0d, 0x0e, 0, 0];
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect([...bytes]).to.deep.equal([length, version, kind, group, service, numbers, [...payload]].flat());
  });
});
