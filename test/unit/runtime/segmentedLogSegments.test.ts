import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Storage } from '../../../machines/ports.ts';
import { Background } from '../../../runtime/storage/segmentedLog/background.ts';
import { DiskFolder } from '../../../runtime/storage/segmentedLog/diskFolder.ts';
import { SegmentPool } from '../../../runtime/storage/segmentedLog/segmentPool.ts';
import {
  block,
  FaultyFiles,
  headerBytes,
  plain,
  segmentBytes,
  segmentsOf,
  stage,
  useWorkplace,
  write,
} from './segmentedLogFixture.ts';

/** One entry fills a segment. */
async function fill(storage: Storage, from: number, to: number, letter = 'x'): Promise<void> {
  for (let index = from; index <= to; index += 1) {
    await write(storage, { entries: block(index, 1, [letter.repeat(3000)]) });
  }
}

async function compact(storage: Storage, index: number): Promise<void> {
  await write(storage, { snapshot: await stage(storage, { index, term: 1 }, `up to ${index}`) });
}

describe('the segments of the log', () => {
  const workplace = useWorkplace();

  it('are filled with zeros before they are written to', async () => {
    const folder = await workplace.folder();
    await (await workplace.open(folder, { segmentBytes: 1024 * 1024 })).close();
    const [segment = ''] = await segmentsOf(folder);
    const { size, blocks } = await stat(segment);
    expect(size).to.equal(1024 * 1024);
    // Blocks of 512 bytes that the file has on the disk: all of them, no holes.
    expect(blocks * 512).to.be.at.least(size);
  });

  it('have no blocks of zeros where long records fill them', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { segmentBytes: 1024 * 1024 });
    // The third entry begins the second segment, and has the third one prepared.
    for (let index = 1; index <= 3; index += 1) await write(storage, { entries: block(index, 1, [400_000]) });
    await storage.close();
    const [, , third = ''] = await segmentsOf(folder);
    const { size, blocks } = await stat(third);
    expect(size).to.equal(1024 * 1024);
    expect(blocks * 512).to.be.below(100_000);
    expect(plain((await workplace.open(folder)).recovered).entries).to.have.length(3);
  });

  it('are taken by a record that waits for them as they are, filled or not', async () => {
    const files = new FaultyFiles();
    const folder = new DiskFolder(files, await workplace.folder());
    const pool = new SegmentPool({
      ...{ folder, background: new Background(), group: 0, segmentBytes: 1024 * 1024 },
      ...{ spareSegmentsMax: 0, spares: [], nextSequence: 1 },
    });
    const { file, capacity } = await pool.take(true);
    expect(files.callsOf('writev')).to.have.length(1);
    expect([capacity, await file.size()]).to.deep.equal([1024 * 1024, 1024 * 1024]);
    await file.close();
    await (await pool.take(false)).file.close();
    expect(files.callsOf('writev')).to.have.length(2 + 4);
  });

  it('are removed from the front once a snapshot stands for their entries', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 0 });
    await fill(storage, 1, 6);
    const before = await segmentsOf(folder);
    await compact(storage, 4);
    await storage.close();
    const after = await segmentsOf(folder);
    expect(after[0]).to.equal(before[4]);
    expect(plain((await workplace.open(folder)).recovered).entries).to.have.length(2);
  });

  it('never take the term and the vote along when they are removed', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 0 });
    await write(storage, { hardState: { term: 8, votedFor: 'n3' } });
    await fill(storage, 1, 5);
    await compact(storage, 5);
    await fill(storage, 6, 8);
    await storage.close();
    const { term, votedFor, snapshot } = plain((await workplace.open(folder)).recovered);
    expect({ term, votedFor, snapshot }).to.deep.equal({
      term: 8,
      votedFor: 'n3',
      snapshot: { index: 5, term: 1 },
    });
  });

  it('stay until the term and the vote are durable in the next one', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files, spareSegmentsMax: 0 });
    await write(storage, { hardState: { term: 8, votedFor: 'n3' } });
    await fill(storage, 1, 1);
    await compact(storage, 1);
    let goOn = () => {};
    files.syncGate = new Promise((resolve) => {
      goOn = resolve;
    });
    const written = write(storage, { entries: block(2, 1, [3000]) });
    while (!files.calls.some((call) => /^rename .*log-0+3\.tmp/.test(call))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    // What is done in the background is done in order: what was asked before this is done when this is.
    (await stage(storage, { index: 9, term: 1 }, 'discarded')).discard();
    while (!files.calls.some((call) => /^unlink .*snapshot-9/.test(call))) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(files.calls.filter((call) => /^(rename|unlink) .*log-\d+\.segment/.test(call))).to.deep.equal([]);
    goOn();
    await written;
    await storage.close();
    expect(files.callsOf('unlink').some((call) => /log-0+1\.segment/.test(call))).to.equal(true);
  });

  it('are removed, too, when terms and votes alone have filled them', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 0 });
    for (let term = 1; term <= 400; term += 1) await write(storage, { hardState: { term, votedFor: 'n1' } });
    await storage.close();
    const reopened = await workplace.open(folder, { spareSegmentsMax: 0 });
    expect(reopened.recovered).to.include({ term: 400, votedFor: 'n1' });
    await reopened.close();
    expect((await segmentsOf(folder)).length).to.be.at.most(3);
  });

  it('are used again after a compaction, in a bounded number', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { spareSegmentsMax: 2, files });
    let index = 0;
    for (let round = 0; round < 10; round += 1) {
      await fill(storage, index + 1, index + 5);
      index += 5;
      await compact(storage, index);
    }
    await storage.close();
    const names = await readdir(folder);
    expect(names.filter((name) => name.startsWith('spare-')).length).to.be.at.most(2);
    // Each round needs five segments: two come from the pool.
    const made = files.callsOf('open').filter((call) => /log-\d+\.tmp/.test(call)).length;
    expect(made).to.be.below(40);
    const reopened = await workplace.open(folder, { spareSegmentsMax: 2 });
    expect(plain(reopened.recovered).snapshot).to.deep.equal({ index, term: 1 });
  });

  it('are spares for good, also after a crash, before they are written to again', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files, spareSegmentsMax: 2 });
    await fill(storage, 1, 4);
    await compact(storage, 4);
    await fill(storage, 5, 8);
    await storage.close();
    const calls = files.calls.filter(
      (call) =>
        call === `fsync ${folder}` || /^rename .*log-\d+\.segment/.test(call) || /^writev .*spare/.test(call),
    );
    const written = calls.findIndex((call) => call.startsWith('writev'));
    const lastRename = calls.findLastIndex((call, i) => call.startsWith('rename') && i < written);
    expect(lastRename).to.be.at.least(0);
    expect(calls.slice(lastRename, written)).to.include(`fsync ${folder}`);
  });

  it('are not used again if they were made longer by a large record', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, [10 * segmentBytes]) });
    await write(storage, { entries: block(2, 1, ['b']) });
    await compact(storage, 1);
    await storage.close();
    for (const name of await readdir(folder)) {
      expect((await stat(path.join(folder, name))).size, name).to.be.at.most(segmentBytes);
    }
  });

  it('do not stay in memory with what is recovered from them', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await fill(storage, 1, 6);
    await write(storage, { truncateFrom: 3, entries: block(3, 1, [3000]) });
    await fill(storage, 4, 6);
    const all = await segmentsOf(folder);
    const covered = await Promise.all(all.slice(0, 6).map((file) => readFile(file)));
    await compact(storage, 2);
    await fill(storage, 7, 8);
    const crashed = await workplace.copy(folder);
    // As after a crash that undid the removal of what the snapshot stands for.
    for (const [i, bytes] of covered.entries()) {
      await writeFile(path.join(crashed, path.basename(all[i] ?? '')), bytes);
    }
    const { entries } = (await workplace.open(crashed)).recovered;
    expect(entries.map(({ firstIndex }) => firstIndex)).to.deep.equal([3, 4, 5, 6, 7, 8]);
    for (const { bytes } of entries) expect(bytes.buffer.byteLength).to.equal(bytes.byteLength);
  });

  it('never give back the records of their use before', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 4 });
    await fill(storage, 1, 4, 'a');
    await compact(storage, 4);
    await fill(storage, 5, 6, 'b');
    await storage.close();
    const reopened = await workplace.open(folder, { spareSegmentsMax: 4 });
    // Small records now: what the old ones held stands behind them, records and all.
    await write(reopened, { entries: block(7, 1, ['c'.repeat(2000)]) });
    await write(reopened, { entries: block(8, 1, ['d']) });
    const crashed = await workplace.copy(folder);
    const last = (await segmentsOf(crashed)).slice(-2);
    const contents = await Promise.all(last.map(async (file) => (await readFile(file)).toString('latin1')));
    expect(contents.join('')).to.match(/a{100}|b{100}/);
    const { entries, snapshot } = plain((await workplace.open(crashed)).recovered);
    expect(entries.map((line) => line.slice(0, 5))).to.deep.equal(['5:1:b', '6:1:b', '7:1:c', '8:1:d']);
    expect(snapshot).to.deep.equal({ index: 4, term: 1 });
  });

  it('never take an old record for a live one that stands exactly where the next one goes', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { spareSegmentsMax: 4 });
    await write(storage, { entries: block(1, 1, ['first']) });
    const [segment = ''] = await segmentsOf(folder);
    const old = (await readFile(segment)).subarray(headerBytes);
    await fill(storage, 2, 4);
    await storage.close();
    // The third segment gets behind its own header all that the first one holds, byte for byte.
    const third = (await segmentsOf(folder))[2] ?? '';
    await writeFile(third, Buffer.concat([(await readFile(third)).subarray(0, headerBytes), old]));
    const found = plain((await workplace.open(folder)).recovered);
    expect(found.entries.map((line) => line.slice(0, 4))).to.deep.equal(['1:1:', '2:1:', '3:1:']);
  });

  it('are of the size asked for, also where the folder was made with another', async () => {
    const folder = await workplace.folder();
    const large = await workplace.open(folder, { segmentBytes: 4 * segmentBytes });
    await fill(large, 1, 12);
    await large.close();
    const small = await workplace.open(folder);
    // The one that is written to, not yet full.
    const active = (await segmentsOf(folder))[1] ?? '';
    expect((await stat(active)).size).to.be.below(4 * segmentBytes);
    await fill(small, 13, 15);
    await small.close();
    const again = await workplace.open(folder, { segmentBytes: 2 * segmentBytes });
    await fill(again, 16, 20);
    await again.close();
    const names = await segmentsOf(folder);
    expect((await stat(names.at(-1) ?? '')).size).to.equal(2 * segmentBytes);
    expect(plain((await workplace.open(folder)).recovered).entries).to.have.length(20);
  });

  it('are of a size that the format can hold', async () => {
    const folder = await workplace.folder();
    for (const bytes of [0, 4096, 8193, Number.NaN]) {
      const opened = workplace.open(folder, { segmentBytes: bytes });
      await opened.then(
        () => expect.fail(`${bytes} bytes were taken`),
        (error) => expect(error.code).to.equal('StorageMisused'),
      );
    }
  });

  it('leave nothing half made behind that the next start would stumble over', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await fill(storage, 1, 2);
    await storage.close();
    for (const name of [
      'log-000000000009.tmp',
      'snapshot-9-9-1.tmp',
      'identity.tmp',
      'snapshot-1-1.snapshot',
    ]) {
      await writeFile(path.join(folder, name), 'half');
    }
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).entries).to.have.length(2);
    await reopened.close();
    expect((await readdir(folder)).filter((name) => /tmp$|snapshot$/.test(name))).to.deep.equal([]);
  });
});
