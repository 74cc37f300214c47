import { copyFile, mkdir, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import {
  block,
  headerBytes,
  plain,
  recordsOf,
  segmentBytes,
  segmentsOf,
  useWorkplace,
  write,
} from './segmentedLogFixture.ts';

describe('the torn tail of the segmented log', () => {
  const workplace = useWorkplace();

  /** A folder with two acknowledged groups, and a third one whose record lies from `from` to `to`. */
  async function withThreeRecords(): Promise<{ folder: string; segment: string; from: number; to: number }> {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { hardState: { term: 1, votedFor: 'n1' } });
    await write(storage, { entries: block(1, 1, ['kept', 'kept, too']) });
    await storage.close();
    const [segment = ''] = await segmentsOf(folder);
    const reopened = await workplace.open(folder);
    await write(reopened, {
      hardState: { term: 2, votedFor: 'n2' },
      truncateFrom: 2,
      entries: block(2, 2, ['new']),
    });
    await reopened.close();
    const { from = 0, to = 0 } = recordsOf(await readFile(segment)).at(-1) ?? {};
    return { folder, segment, from, to };
  }

  const before = {
    term: 1,
    votedFor: 'n1',
    snapshot: { index: 0, term: 0 },
    entries: ['1:1:kept', '2:1:kept, too'],
  };
  const behind = {
    term: 2,
    votedFor: 'n2',
    snapshot: { index: 0, term: 0 },
    entries: ['1:1:kept', '2:2:new'],
  };

  /** Opens the folder after each of the changes, one after the other, and hands back what was found. */
  async function foundAfter(folder: string, change: (segment: string) => Promise<void>) {
    const [segment = ''] = await segmentsOf(folder);
    await change(segment);
    const storage = await workplace.open(folder);
    const found = plain(storage.recovered);
    await write(storage, { entries: block(3, 9, ['on']) });
    await storage.close();
    const again = await workplace.open(folder);
    const foundAgain = plain(again.recovered);
    await again.close();
    return { found, foundAgain };
  }

  /** The smallest copy that opens: without the segments that hold nothing. */
  async function smallCopy(folder: string): Promise<string> {
    const copy = path.join(await workplace.folder(), 'data');
    await mkdir(copy);
    const [segment = ''] = await segmentsOf(folder);
    for (const name of ['identity.json', path.basename(segment)]) {
      await copyFile(path.join(folder, name), path.join(copy, name));
    }
    return copy;
  }

  it('is cut wherever the file ends, and what is left goes on', async () => {
    const { folder, from, to } = await withThreeRecords();
    for (let end = from; end <= to; end += 1) {
      const copy = await smallCopy(folder);
      const { found, foundAgain } = await foundAfter(copy, (segment) => truncate(segment, end));
      const expected = end < to ? before : behind;
      expect(found, `cut at byte ${end}`).to.deep.equal(expected);
      expect(foundAgain.entries, `cut at byte ${end}`).to.deep.equal([...expected.entries, '3:9:on']);
      await rm(copy, { recursive: true });
    }
  });

  it('is cut wherever a byte is wrong, and what is left goes on', async () => {
    const { folder, from, to } = await withThreeRecords();
    for (let at = from; at < to; at += 1) {
      const copy = await smallCopy(folder);
      const { found, foundAgain } = await foundAfter(copy, async (segment) => {
        const bytes = await readFile(segment);
        bytes.writeUInt8((bytes.readUInt8(at) ^ 0x55) & 0xff, at);
        await writeFile(segment, bytes);
      });
      expect(found, `byte ${at}`).to.deep.equal(before);
      expect(foundAgain.entries, `byte ${at}`).to.deep.equal([...before.entries, '3:9:on']);
      await rm(copy, { recursive: true });
    }
  });

  it('is cut wherever the writing stopped, and what is left goes on', async () => {
    const { folder, from, to } = await withThreeRecords();
    for (let written = from; written < to; written += 1) {
      const copy = await smallCopy(folder);
      const { found, foundAgain } = await foundAfter(copy, async (segment) => {
        const bytes = await readFile(segment);
        await writeFile(segment, bytes.fill(0, written));
      });
      expect(found, `zeros from byte ${written}`).to.deep.equal(before);
      expect(foundAgain.entries, `zeros from byte ${written}`).to.deep.equal([...before.entries, '3:9:on']);
      await rm(copy, { recursive: true });
    }
  });

  it('gives way to zeros, up to the size that the segment had', async () => {
    const { folder, segment, from, to } = await withThreeRecords();
    const bytes = await readFile(segment);
    bytes.writeUInt8(bytes.readUInt8(to - 1) ^ 1, to - 1);
    bytes.write('left over from long ago', to + 1000);
    await writeFile(segment, bytes);
    await (await workplace.open(folder)).close();
    const rest = (await readFile(segment)).subarray(from);
    expect(rest.byteLength).to.equal(segmentBytes - from);
    expect(rest.every((byte) => byte === 0)).to.equal(true);
  });

  it('of a record larger than a segment gives back the space', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    await write(storage, { entries: block(2, 1, [10 * segmentBytes]) });
    await storage.close();
    const [, large = ''] = await segmentsOf(folder);
    const file = await open(large, 'r+');
    await file.write(Buffer.from([0xff]), 0, 1, 9 * segmentBytes);
    await file.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries).to.deep.equal(['1:1:a']);
    await write(reopened, { entries: block(2, 2, ['b']) });
    await reopened.close();
    const again = await workplace.open(folder);
    expect(plain(again.recovered).entries).to.deep.equal(['1:1:a', '2:2:b']);
    await again.close();
    for (const name of await readdir(folder)) {
      expect((await stat(path.join(folder, name))).size, name).to.be.at.most(segmentBytes);
    }
  });

  it('in the first record of a segment leaves what the segments before hold', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { hardState: { term: 5, votedFor: 'n3' }, entries: block(1, 5, [3000]) });
    await write(storage, { hardState: { term: 6, votedFor: 'n1' }, entries: block(2, 6, [3000]) });
    await storage.close();
    const [, second = ''] = await segmentsOf(folder);
    const bytes = await readFile(second);
    await writeFile(second, bytes.fill(0xaa, headerBytes + 100, headerBytes + 110));
    const reopened = await workplace.open(folder);
    const found = plain(reopened.recovered);
    expect([found.term, found.votedFor, found.entries.length]).to.deep.equal([5, 'n3', 1]);
    await write(reopened, { entries: block(2, 7, [3000, 'b']) });
    await reopened.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.have.length(3);
  });
});
