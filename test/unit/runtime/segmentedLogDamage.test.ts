import { copyFile, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import {
  block,
  errorOf,
  headerBytes,
  identity,
  plain,
  recordsOf,
  segmentsOf,
  stage,
  useWorkplace,
  write,
} from './segmentedLogFixture.ts';

async function garble(file: string, at: number): Promise<void> {
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
  await writeFile(file, bytes);
}

describe('a damaged segmented log', () => {
  const workplace = useWorkplace();

  /** Three segments with one entry of 3000 bytes each, closed. */
  async function threeSegments(): Promise<{ folder: string; segments: string[] }> {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    for (const index of [1, 2, 3]) await write(storage, { entries: block(index, 1, [3000]) });
    await storage.close();
    return { folder, segments: (await segmentsOf(folder)).slice(0, 3) };
  }

  it('is reported where a record cannot be read that a newer one follows, at every byte', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    const [segment = ''] = await segmentsOf(folder);
    await write(storage, { entries: block(2, 1, ['b']) });
    await storage.close();
    const bytes = await readFile(segment);
    // The first record is the one that every log begins with; nothing follows the last.
    const followed = recordsOf(bytes).slice(0, -1);
    expect(followed).to.have.length(2);
    for (const { from, to } of followed) {
      for (let at = from; at < to; at += 1) {
        await garble(segment, at);
        const error = await errorOf(workplace.open(folder));
        expect(error, `byte ${at}`).to.include({ code: 'CorruptLog', path: segment, offset: from });
        await writeFile(segment, bytes);
      }
    }
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a', '2:1:b']);
  });

  it('is reported with the file, the place and what to do', async () => {
    const { folder, segments } = await threeSegments();
    const [, second = ''] = segments;
    await garble(second, headerBytes + 2000);
    const { message } = await errorOf(workplace.open(folder));
    expect(message).to.include(second).and.include(`byte ${headerBytes}`).and.include('Restore the folder');
  });

  it('is not changed by being opened in vain', async () => {
    const { folder, segments } = await threeSegments();
    const [, second = ''] = segments;
    await garble(second, headerBytes + 2000);
    await errorOf(workplace.open(folder));
    await garble(second, headerBytes + 2000);
    expect(plain((await workplace.open(folder)).recovered).entries).to.have.length(3);
  });

  it('is reported where the last record of a segment is gone that another segment follows', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a']) });
    const [segment = ''] = await segmentsOf(folder);
    await write(storage, { entries: block(2, 1, ['b']) });
    await write(storage, { entries: block(3, 1, [4000]) });
    await storage.close();
    const bytes = await readFile(segment);
    const { from = 0 } = recordsOf(bytes).at(-1) ?? {};
    await writeFile(segment, bytes.fill(0, from));
    expect(await errorOf(workplace.open(folder))).to.include({
      code: 'CorruptLog',
      path: segment,
      offset: from,
    });
  });

  it('is reported where a segment in the middle is missing', async () => {
    const { folder, segments } = await threeSegments();
    const [, second = ''] = segments;
    await unlink(second);
    expect(await errorOf(workplace.open(folder))).to.include({ code: 'CorruptLog', path: second });
  });

  it('is reported where the first segment is missing', async () => {
    const { folder, segments } = await threeSegments();
    const [first = ''] = segments;
    await unlink(first);
    expect(await errorOf(workplace.open(folder))).to.include({ code: 'CorruptLog', path: first });
  });

  it('is reported where the segment that is written to is missing', async () => {
    const { folder, segments } = await threeSegments();
    await unlink(segments[2] ?? '');
    const error = await errorOf(workplace.open(folder));
    expect(error.code).to.equal('CorruptLog');
  });

  it('is reported where no segment is left', async () => {
    const { folder } = await threeSegments();
    for (const segment of await segmentsOf(folder)) await unlink(segment);
    expect((await errorOf(workplace.open(folder))).code).to.equal('CorruptLog');
  });

  it('is reported where a segment has the place of another', async () => {
    const { folder, segments } = await threeSegments();
    const [first = '', second = ''] = segments;
    await copyFile(first, second);
    expect(await errorOf(workplace.open(folder))).to.include({ code: 'CorruptLog', path: second, offset: 0 });
  });

  it('is reported where a header is damaged', async () => {
    const { folder, segments } = await threeSegments();
    for (let at = 0; at < 28; at += 1) {
      await garble(segments[0] ?? '', at);
      expect((await errorOf(workplace.open(folder))).code, `byte ${at}`).to.equal('CorruptLog');
      await garble(segments[0] ?? '', at);
    }
  });

  it('is reported where the identity is missing, which makes no new log of an old one', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { hardState: { term: 1, votedFor: 'n1' } });
    await storage.close();
    await unlink(path.join(folder, 'identity.json'));
    const [segment = ''] = await segmentsOf(folder);
    for (const name of (await segmentsOf(folder)).slice(1)) await rm(name);
    const error = await errorOf(workplace.open(folder));
    expect(error).to.include({ code: 'CorruptLog', path: path.join(folder, 'identity.json') });
    expect((await readFile(segment)).byteLength).to.be.above(0);
  });

  it('is told apart from one of a newer release', async () => {
    const { folder, segments } = await threeSegments();
    const [first = ''] = segments;
    const bytes = await readFile(first);
    bytes.writeUInt16LE(2, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
    await writeFile(first, bytes);
    const error = await errorOf(workplace.open(folder));
    expect(error).to.include({ code: 'UnknownFormat', path: first, version: 2 });
    expect(error.message).to.include('start the node with a release that knows version 2');
  });

  it('is told apart from one with a record of a newer release', async () => {
    const { folder, segments } = await threeSegments();
    const [first = ''] = segments;
    const bytes = await readFile(first);
    bytes.writeUInt8(9, headerBytes + 4);
    bytes.writeUInt32LE(crc32(bytes.subarray(headerBytes + 4, headerBytes + 32)), headerBytes);
    await writeFile(first, bytes);
    const error = await errorOf(workplace.open(folder));
    expect(error).to.include({ code: 'UnknownFormat', path: first, version: 9 });
  });

  it('is told apart from a folder of a newer release', async () => {
    const { folder } = await threeSegments();
    const file = path.join(folder, 'identity.json');
    await writeFile(file, JSON.stringify({ ...identity, group: 0, format: 2 }));
    expect(await errorOf(workplace.open(folder))).to.include({
      code: 'UnknownFormat',
      path: file,
      version: 2,
    });
  });

  it('is not hidden by a snapshot whose segments are only partly removed', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 0 });
    for (let index = 1; index <= 4; index += 1) await write(storage, { entries: block(index, 1, [3000]) });
    const all = await segmentsOf(folder);
    const kept = await Promise.all(all.slice(0, 2).map((file) => readFile(file)));
    await write(storage, { snapshot: await stage(storage, { index: 3, term: 1 }, 'state') });
    await storage.close();
    // As after a crash that undid the removal of the first one alone.
    await writeFile(all[0] ?? '', kept[0] ?? '');
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries.map((line) => line.slice(0, 4))).to.deep.equal(['4:1:']);
    await reopened.close();
    expect((await segmentsOf(folder))[0]).to.equal(all[3]);
  });
});
