import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { snapshotChunkBytes } from '../../../machines/limits.ts';
import { readStoredSnapshot } from '../../../runtime/storage/readStoredSnapshot.ts';
import { snapshotSyncBytes } from '../../../runtime/storage/segmentedLog/storageLimits.ts';
import { eventually } from '../../eventually.ts';
import {
  block,
  errorOf,
  FaultyFiles,
  plain,
  stage,
  textOf,
  useWorkplace,
  write,
} from './segmentedLogFixture.ts';

async function snapshotFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('snapshot-')).sort();
}

describe('the snapshots of the segmented log', () => {
  const workplace = useWorkplace();

  it('come back chunk by chunk what they were, also after a restart', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const staged = await stage(storage, { index: 9, term: 2 }, 'one, ', '', 'two, ', 'three');
    expect(staged).to.include({ index: 9, term: 2, size: 15 });
    expect(storage.snapshot()).to.equal(undefined);
    await write(storage, { snapshot: staged });
    expect(await textOf(storage.snapshot())).to.equal('one, two, three');
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(plain(reopened.recovered).snapshot).to.deep.equal({ index: 9, term: 2 });
    expect(reopened.snapshot()).to.include({ index: 9, term: 2, size: 15 });
    expect(await textOf(reopened.snapshot())).to.equal('one, two, three');
  });

  it('are read at any offset, and not beyond their end', async () => {
    const storage = await workplace.open(await workplace.folder());
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, '0123456789') });
    const snapshot = storage.snapshot();
    const read = async (offset: number, length: number) =>
      Buffer.from((await snapshot?.read(offset, length)) ?? []).toString();
    expect(await read(0, 3)).to.equal('012');
    expect(await read(8, 100)).to.equal('89');
    expect(await read(10, 1)).to.equal('');
    expect(await read(1000, 1)).to.equal('');
    expect((await errorOf(read(-1, 1))).message).to.include('offset -1');
  });

  it('are synced in steps while they are written, so that no write of the log waits for a whole one', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files });
    const staged = storage.stageSnapshot({ index: 1, term: 1 });
    const syncs = () => files.callsOf('fsync').filter((call) => call.includes('snapshot-')).length;
    const steps: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      await staged.add(new Uint8Array(snapshotSyncBytes / 2));
      steps.push(syncs());
    }
    expect(steps).to.deep.equal([0, 1, 1, 2, 2, 3]);
  });

  it('may be empty', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: storage.stageSnapshot({ index: 3, term: 1 }) });
    await storage.close();
    expect((await workplace.open(folder)).snapshot()).to.include({ index: 3, size: 0 });
  });

  it('leave the entries behind them that continue them', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 4, ['a', 'b', 'c']) });
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 4 }, 's') });
    await write(storage, { entries: block(4, 4, ['d']) });
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['3:4:c', '4:4:d']);
  });

  it('end the log where they are beyond its end', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a', 'b']) });
    await write(storage, {
      snapshot: await stage(storage, { index: 10, term: 3 }, 's'),
      entries: block(11, 3, ['k']),
    });
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['11:3:k']);
  });

  it('end the log where their entry is of another term there', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { entries: block(1, 1, ['a', 'b', 'c']) });
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 3 }, 's') });
    await write(storage, { entries: block(3, 3, ['C']) });
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['3:3:C']);
  });

  it('replace the one before, whose file goes', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'old') });
    const old = storage.snapshot();
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 1 }, 'new') });
    expect(await textOf(storage.snapshot())).to.equal('new');
    expect(await textOf(old), 'read by who held it before').to.equal('old');
    await storage.close();
    expect((await errorOf(textOf(old))).name).to.equal('StorageClosed');
    await (await workplace.open(folder)).close();
    expect(await snapshotFiles(folder)).to.deep.equal(['snapshot-2-1.snapshot']);
  });

  it('are read by who holds them whatever takes their place, in a folder that has the newest alone', async () => {
    const files = new FaultyFiles();
    const folder = await workplace.folder();
    const storage = await workplace.open(folder, { files });
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'first', 'second') });
    const held = storage.snapshot();
    expect(await held?.read(0, 5)).to.deep.equal(Buffer.from('first'));
    for (const index of [2, 3, 4]) {
      await write(storage, { snapshot: await stage(storage, { index, term: 1 }, `state ${index}`) });
    }
    await eventually('the names of the others are gone', async () =>
      (await snapshotFiles(folder)).length === 1 ? true : undefined,
    );
    expect(await held?.read(5, 100)).to.deep.equal(Buffer.from('second'));
    const closed = () => files.calls.filter((call) => /^close .*snapshot/.test(call)).length;
    expect(closed(), 'closed: those that nobody holds').to.equal(2);
    held?.release();
    await eventually('its file is closed', async () => (closed() === 3 ? true : undefined));
    expect((await errorOf(textOf(held))).message).to.include('released');
  });

  it('are let go of once by each who holds them', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files });
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'old') });
    const [first, second] = [storage.snapshot(), storage.snapshot()];
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 1 }, 'new') });
    first?.release();
    first?.release();
    await write(storage, { entries: block(3, 1, ['c']) });
    expect(await textOf(second)).to.equal('old');
    // The newest one is there for the next who asks, whoever has let go of it.
    storage.snapshot()?.release();
    expect(await textOf(storage.snapshot())).to.equal('new');
  });

  for (const [end, chunksMax] of [
    ['at its end', 9],
    ['when the reader stops', 1],
  ] as const) {
    it(`are read as a stream, which lets go of them ${end}`, async () => {
      const storage = await workplace.open(await workplace.folder());
      const bytes = 'x'.repeat(2 * snapshotChunkBytes);
      await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, bytes) });
      const stored = storage.snapshot();
      let chunks = 0;
      for await (const chunk of stored ? readStoredSnapshot(stored) : []) {
        expect(chunk).to.have.length(snapshotChunkBytes);
        chunks += 1;
        if (chunks === chunksMax) break;
      }
      expect(chunks).to.equal(Math.min(2, chunksMax));
      expect((await errorOf(textOf(stored))).message).to.include('released');
    });
  }

  it('leave nothing behind when a crash comes while a replaced one is held', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'old') });
    const held = storage.snapshot();
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 1 }, 'new') });
    const copy = await workplace.copy(folder);
    expect(await textOf(held)).to.equal('old');
    expect(await textOf((await workplace.open(copy)).snapshot())).to.equal('new');
    expect(await snapshotFiles(copy)).to.deep.equal(['snapshot-2-1.snapshot']);
  });

  it('let a read finish that is under way when they are replaced', async () => {
    const files = new FaultyFiles();
    const storage = await workplace.open(await workplace.folder(), { files });
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'old') });
    let goOn = () => {};
    files.readGate = new Promise((resolve) => {
      goOn = resolve;
    });
    const read = textOf(storage.snapshot());
    await write(storage, { snapshot: await stage(storage, { index: 2, term: 1 }, 'new') });
    await write(storage, { entries: block(3, 1, ['c']) });
    expect(files.calls.some((call) => /^close .*snapshot/.test(call))).to.equal(false);
    goOn();
    expect(await read).to.equal('old');
    await storage.close();
    expect(files.calls.filter((call) => /^close .*snapshot-1-/.test(call))).to.have.length(1);
  });

  it('change nothing if they are not newer than the one that is there', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: await stage(storage, { index: 5, term: 1 }, 'five') });
    await write(storage, {
      snapshot: await stage(storage, { index: 4, term: 1 }, 'four'),
      entries: block(6, 1, ['f']),
    });
    expect(await textOf(storage.snapshot())).to.equal('five');
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered)).to.deep.include({
      snapshot: { index: 5, term: 1 },
      entries: ['6:1:f'],
    });
    expect(await snapshotFiles(folder)).to.deep.equal(['snapshot-5-1.snapshot']);
  });

  it('leave no trace when their staging is discarded', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const staged = await stage(storage, { index: 5, term: 1 }, 'half');
    expect(await snapshotFiles(folder)).to.have.length(1);
    staged.discard();
    staged.discard();
    expect((await errorOf(staged.add(Buffer.from('more')))).name).to.equal('StorageMisused');
    // The file is removed in the background, before anything that is asked for later.
    await write(storage, { snapshot: await stage(storage, { index: 6, term: 1 }, 'six') });
    await storage.close();
    await workplace.open(folder);
    expect(await snapshotFiles(folder)).to.deep.equal(['snapshot-6-1.snapshot']);
  });

  it('may be discarded in the middle of a chunk', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    const staged = await stage(storage, { index: 5, term: 1 }, 'half');
    const adding = staged.add(Buffer.from('more'));
    staged.discard();
    await adding;
    await write(storage, { entries: block(1, 1, ['a']) });
    await storage.close();
    expect(plain((await workplace.open(folder)).recovered).entries).to.deep.equal(['1:1:a']);
  });

  it('leave no trace when the process ends while they are staged', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: await stage(storage, { index: 1, term: 1 }, 'one') });
    await stage(storage, { index: 2, term: 1 }, 'half of it');
    const crashed = await workplace.copy(folder);
    expect(await snapshotFiles(crashed)).to.have.length(2);
    const reopened = await workplace.open(crashed);
    expect(await textOf(reopened.snapshot())).to.equal('one');
    expect(await snapshotFiles(crashed)).to.deep.equal(['snapshot-1-1.snapshot']);
  });

  it('are staged side by side, even for the same index', async () => {
    const storage = await workplace.open(await workplace.folder());
    const first = storage.stageSnapshot({ index: 4, term: 2 });
    const second = storage.stageSnapshot({ index: 4, term: 2 });
    await first.add(Buffer.from('first'));
    await second.add(Buffer.from('second'));
    first.discard();
    await write(storage, { snapshot: second });
    expect(await textOf(storage.snapshot())).to.equal('second');
  });

  it('take one chunk at a time', async () => {
    const storage = await workplace.open(await workplace.folder());
    const staged = storage.stageSnapshot({ index: 4, term: 2 });
    const first = staged.add(Buffer.from('first'));
    expect((await errorOf(staged.add(Buffer.from('second')))).name).to.equal('StorageMisused');
    await first;
    await staged.add(Buffer.from('second'));
    await write(storage, { snapshot: staged });
    expect(await textOf(storage.snapshot())).to.equal('firstsecond');
  });

  it('are taken only by the storage that staged them, and once', async () => {
    const storage = await workplace.open(await workplace.folder());
    const other = await workplace.open(await workplace.folder());
    const staged = await stage(other, { index: 1, term: 1 }, 'other');
    expect((await errorOf(write(storage, { snapshot: staged }))).name).to.equal('StorageMisused');
    await write(other, { snapshot: staged });
    expect((await errorOf(staged.add(Buffer.from('more')))).name).to.equal('StorageMisused');
  });

  it('are durable before the log refers to them', async () => {
    const folder = await workplace.folder();
    const files = new FaultyFiles();
    const storage = await workplace.open(folder, { files });
    // What is done in the background is done in order: once this file is removed, the second segment is made.
    (await stage(storage, { index: 1, term: 1 }, 'discarded')).discard();
    const staged = storage.stageSnapshot({ index: 1, term: 1 });
    while (files.callsOf('unlink').length === 0) {
      await staged.add(Buffer.from('state'));
      await new Promise(setImmediate);
    }
    const before = files.calls.length;
    await write(storage, { snapshot: staged });
    const calls = files.calls
      .slice(before)
      .map((call) => call.replace(folder, '.'))
      .filter((call) => !/^(open|close)/.test(call));
    expect(calls).to.deep.equal([
      'writev ./snapshot-1-1-2.tmp',
      'fsync ./snapshot-1-1-2.tmp',
      'rename ./snapshot-1-1-2.tmp',
      'fsync .',
      'writev ./log-000000000001.segment',
      'fdatasync ./log-000000000001.segment',
    ]);
  });

  it('are reported when damaged, at every byte', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    await write(storage, { snapshot: await stage(storage, { index: 7, term: 1 }, 'some state') });
    await storage.close();
    const file = path.join(folder, 'snapshot-7-1.snapshot');
    const bytes = await readFile(file);
    expect(bytes.byteLength).to.equal(64 + 10 + 16);
    for (let at = 0; at < bytes.byteLength; at += 1) {
      // The rest of the header's 64 bytes is reserved.
      if (at >= 28 && at < 64) continue;
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(bytes.readUInt8(at) ^ 0x40, at);
      await writeFile(file, damaged);
      expect(await errorOf(workplace.open(folder)), `byte ${at}`).to.include({
        name: 'CorruptSnapshot',
        path: file,
      });
    }
    for (const end of [0, 20, 64, 75, bytes.byteLength - 1]) {
      await writeFile(file, bytes.subarray(0, end));
      expect((await errorOf(workplace.open(folder))).name, `${end} bytes`).to.equal('CorruptSnapshot');
    }
    await unlink(file);
    expect((await errorOf(workplace.open(folder))).name).to.equal('CorruptSnapshot');
  });

  it('survive in any number of segments', async () => {
    const folder = await workplace.folder();
    const storage = await workplace.open(folder);
    for (let index = 1; index <= 30; index += 1) {
      await write(storage, { entries: block(index, 1, [1500]) });
      if (index % 3 === 0) {
        await write(storage, {
          snapshot: await stage(storage, { index: index - 1, term: 1 }, `state ${index}`),
        });
      }
    }
    await storage.close();
    const reopened = await workplace.open(folder);
    expect(await textOf(reopened.snapshot())).to.equal('state 30');
    expect(plain(reopened.recovered).entries.map((line) => line.slice(0, 5))).to.deep.equal(['30:1:']);
  });
});
